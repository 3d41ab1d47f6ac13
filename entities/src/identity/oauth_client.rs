use super::{MembershipId, OauthClientId};
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// A program that asks for tokens by a secret of its own.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oauth_clients")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OauthClientId,
    pub name: String,
    /// The service account as which it acts.
    pub membership_id: MembershipId,
    /// SHA-256 of the whole.
    pub secret_hash: Vec<u8>,
    /// Codes of permissions, with spaces between: the most it is given.
    pub scopes: String,
    pub created_by: MembershipId,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = OauthClientId;
}
