use super::{Category, NotificationId, Severity};
use crate::identity::{MembershipId, UserId};
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// Something one person is told; its words are made when it is read, in the reader's language.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NotificationId,
    pub membership_id: MembershipId,
    pub user_id: UserId,
    pub category: Category,
    pub severity: Severity,
    /// The sentences are `<key>-title` and `<key>-body`.
    pub key: String,
    /// JSON object: what the sentences name.
    pub params: String,
    /// The public type of what it speaks of.
    pub subject_kind: Option<String>,
    pub subject_id: Option<Uuid>,
    /// A second one with the same key is not sent to the same person.
    pub dedup_key: Option<String>,
    /// Whether it is in the application's list; else it only went out over other channels.
    pub in_app: bool,
    pub created_at: Timestamp,
    pub read_at: Option<Timestamp>,
    pub archived_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = NotificationId;
}
