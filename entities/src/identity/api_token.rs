use super::{ApiTokenId, MembershipId};
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// A key with which a program acts as a member of one organisation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiTokenId,
    /// As whom it acts.
    pub membership_id: MembershipId,
    pub name: String,
    /// How it begins, to tell it from others.
    pub prefix: String,
    /// SHA-256 of the whole.
    pub token_hash: Vec<u8>,
    /// Codes of permissions, with spaces between.
    pub scopes: String,
    /// Ranges of addresses it may come from, with spaces between; none: from anywhere.
    pub addresses: String,
    pub created_by: MembershipId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// To the minute.
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl Model {
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.revoked_at.is_some() || self.expires_at <= now
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = ApiTokenId;
}
