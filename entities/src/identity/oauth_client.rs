use super::{MembershipId, OauthClientId};
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// A program that asks for tokens: of people, for itself, or both.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oauth_clients")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OauthClientId,
    pub name: String,
    /// The service account as which it acts for itself.
    pub membership_id: Option<MembershipId>,
    /// SHA-256 of the whole; none of a public client, which can keep no secret.
    pub secret_hash: Option<Vec<u8>>,
    /// Where people may be sent back to, with spaces between.
    pub redirect_uris: String,
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
