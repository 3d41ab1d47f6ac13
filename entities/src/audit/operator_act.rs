use super::OperatorActId;
use crate::identity::UserId;
use crate::{TenantId, Timestamp};
use sea_orm::entity::prelude::*;

/// That somebody who runs the installation did something to it. Never changed, never removed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "operator_acts")]
pub struct Model {
    /// Sorts by time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OperatorActId,
    pub at: Timestamp,
    pub user_id: UserId,
    /// The organisation whose it was; none: the installation's.
    pub organization_id: Option<TenantId>,
    /// `domain.noun.verb`.
    pub action: String,
    /// The public type of what it was done to.
    pub target_type: Option<String>,
    pub target_id: Option<Uuid>,
    /// JSON: field to what it was and what it is.
    pub changes: String,
    /// As the client calls its operation.
    pub operation: Option<String>,
    pub request_id: Option<String>,
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
