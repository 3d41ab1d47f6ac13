use super::{SessionId, UserId};
use crate::{TenantId, Timestamp};
use sea_orm::entity::prelude::*;

/// One signed-in device, from sign-in to sign-out: the family of its refresh tokens.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    pub user_id: UserId,
    /// The active organisation; none for an account alone.
    pub tenant_id: Option<TenantId>,
    pub user_agent: Option<String>,
    /// Of this session; one that changed organisations began earlier.
    pub created_at: Timestamp,
    /// When its person signed in.
    pub began_at: Timestamp,
    pub refreshed_at: Timestamp,
    /// Absolute: refreshing does not move it.
    pub expires_at: Timestamp,
    /// When its person proved anew who they are; none: not since it began.
    pub proved_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub revoked_because: Option<String>,
}

impl Model {
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.revoked_at.is_some() || self.expires_at <= now
    }
}

impl ActiveModelBehavior for ActiveModel {}
