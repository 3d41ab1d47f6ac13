use super::SpentFlowId;
use crate::Timestamp;
use sea_orm::entity::prelude::*;

/// A trip to an issuer that has served.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "spent_flows")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SpentFlowId,
    /// After this it would be refused in any case.
    pub expires_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
