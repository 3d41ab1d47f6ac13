use super::{MembershipId, OauthClientId, OauthConsentId, OauthGrantId};
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// What a client was given, until it ends: an access token names it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oauth_grants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OauthGrantId,
    pub client_id: OauthClientId,
    /// As whom it acts.
    pub membership_id: MembershipId,
    /// Codes of permissions, with spaces between.
    pub scopes: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    pub kind: GrantKind,
    /// What a person agreed to, where one did.
    pub consent_id: Option<OauthConsentId>,
    /// To the minute, of those of people.
    pub last_used_at: Option<Timestamp>,
}

/// Who gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GrantKind {
    /// The client acts for itself, as its service account (client credentials).
    Client,
    /// A person agreed to it (authorization code).
    Code,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = OauthGrantId;
}
