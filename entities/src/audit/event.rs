use super::AuditEventId;
use crate::identity::{MembershipId, UserId};
use crate::{Owned, TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// That somebody did something, or was refused it. Never changed, never removed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Sorts by time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditEventId,
    pub at: Timestamp,
    pub actor_kind: ActorKind,
    pub actor_membership_id: Option<MembershipId>,
    /// Who runs the installation and acted here.
    pub impersonator_id: Option<UserId>,
    /// `domain.noun.verb`.
    pub action: String,
    pub outcome: AuditOutcome,
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

/// What kind of actor it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActorKind {
    /// A member.
    User,
    /// A program, by its own key.
    ApiKey,
    /// An assistant.
    Agent,
    /// A job or a schedule.
    System,
    /// Who runs the installation.
    Support,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuditOutcome {
    Done,
    /// For want of a permission.
    Denied,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = AuditEventId;
}

impl Owned for Entity {
    const OWNER: Column = Column::ActorMembershipId;
}
