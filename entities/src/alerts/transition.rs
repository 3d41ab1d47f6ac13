use super::{AlertId, AlertState, AlertTransitionId};
use crate::identity::MembershipId;
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// One step of an alert's life, or one notice of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alert_transitions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AlertTransitionId,
    pub alert_id: AlertId,
    /// The alert's version after it: the order of its timeline.
    pub alert_version: i64,
    /// None: its beginning.
    pub from_state: Option<AlertState>,
    pub to_state: AlertState,
    pub notice: Option<Notice>,
    pub value_n: Option<i64>,
    pub value_d: Option<i64>,
    pub threshold: Option<i64>,
    pub by_membership_id: Option<MembershipId>,
    pub note: Option<String>,
    pub occurred_at: Timestamp,
    /// When readers of the stream were told; of a pending one, which they are not told, when it began.
    pub announced_at: Option<Timestamp>,
    /// When its notice was put into a message.
    pub noticed_at: Option<Timestamp>,
}

/// Why people are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Notice {
    First,
    /// It was quiet and still fires.
    Again,
    /// It has been firing for another while.
    Repeat,
    Gone,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = AlertTransitionId;
}
