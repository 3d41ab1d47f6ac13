//! What operators did, for operators.

use super::Desk;
use crate::{Result, sql};
use entities::Timestamp;
use uuid::Uuid;

/// As many are shown.
const SHOWN: i64 = 20;

/// What an operator did.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct OperatorAct {
    pub at: Timestamp,
    /// Who, by the name they have now.
    pub display_name: Option<String>,
    pub action: String,
    pub target_id: Option<Uuid>,
    /// JSON: field to what it was and what it is.
    pub changes: String,
}

/// The latest acts of operators, the last first.
pub async fn acts(desk: &Desk) -> Result<Vec<OperatorAct>> {
    let tx = desk.operator()?.0.read().await?;
    tx.statement(sql!("operator_acts.sql")).bind("most", SHOWN).all().await
}
