use super::{OauthCodeId, OauthGrantId};
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// A code that a client trades for the tokens of a grant, once.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oauth_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OauthCodeId,
    pub grant_id: OauthGrantId,
    /// SHA-256 of the whole.
    pub code_hash: Vec<u8>,
    /// As the client asked for it, to the letter.
    pub redirect_uri: String,
    /// SHA-256 of what the client must show with it (RFC 7636), in URL-safe base64.
    pub challenge: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = OauthCodeId;
}
