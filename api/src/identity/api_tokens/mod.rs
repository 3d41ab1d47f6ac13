//! Keys with which programs act as a member.

pub mod inputs;
pub mod mutation;

use super::roles::Permission;
use crate::ids::GlobalId;
use crate::scalars::DateTime;
use async_graphql::{ID, Object};
use entities::identity::api_token;
use services::identity::api_tokens::{addresses_of, scopes_of};

/// A key with which a program acts as a member of the organisation, sent as `Authorization: Bearer`.
#[derive(Clone)]
pub struct ApiToken(pub api_token::Model);

/// A key with which a program acts as a member of the organisation, sent as `Authorization: Bearer`.
#[Object]
impl ApiToken {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.0.id.to_global()
    }
    /// What it is for, as its maker called it.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// How it begins; of the rest nothing is kept.
    async fn prefix(&self) -> &str {
        &self.0.prefix
    }
    /// What it may do where its owner may, too.
    async fn permissions(&self) -> Vec<Permission> {
        scopes_of(&self.0).into_iter().map(Into::into).collect()
    }
    /// The ranges of addresses it may come from; empty: from anywhere.
    async fn addresses(&self) -> Vec<String> {
        addresses_of(&self.0)
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
    /// When it ends by itself.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }
    /// When it last came, to the minute; null: never.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(Into::into)
    }
    /// When it was ended before its time; null: it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(Into::into)
    }
}

connection!(ApiToken, ApiTokenConnection, ApiTokenEdge, "API tokens");
