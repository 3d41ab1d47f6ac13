//! The authorization server: its clients, and the doors they come to.

mod answer;
pub mod apps;
mod asked;
mod authorize;
pub mod endpoints;
pub mod inputs;
pub mod mutation;
pub mod query;

use super::roles::Permission;
use crate::ids::GlobalId;
use crate::scalars::DateTime;
use async_graphql::{Enum, ID, Object};
use entities::identity::oauth_client;
use services::identity::oauth::{self, GrantType};

/// A way in which a client comes to access tokens.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum OauthGrantType {
    /// It asks people, with a code and a challenge (PKCE).
    AuthorizationCode,
    /// It goes on with what people agreed to.
    RefreshToken,
    /// It acts for itself, as its service account.
    ClientCredentials,
}

impl From<GrantType> for OauthGrantType {
    fn from(grant: GrantType) -> Self {
        match grant {
            GrantType::AuthorizationCode => Self::AuthorizationCode,
            GrantType::RefreshToken => Self::RefreshToken,
            GrantType::ClientCredentials => Self::ClientCredentials,
        }
    }
}

/// A program that asks the authorization server for access tokens, by an id of its own.
#[derive(Clone)]
pub struct OauthClient(pub oauth_client::Model);

/// A program that asks the authorization server for access tokens, by an id of its own.
#[Object]
impl OauthClient {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.0.id.to_global()
    }
    /// What it calls itself at the authorization server (`client_id`).
    async fn client_id(&self) -> String {
        self.0.id.to_string()
    }
    /// Rises with every change; send it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// What it is.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// The most it is given.
    async fn permissions(&self) -> Vec<Permission> {
        oauth::scopes_of(&self.0).into_iter().map(Into::into).collect()
    }
    /// Where people may be sent back to.
    async fn redirect_uris(&self) -> Vec<String> {
        oauth::redirect_uris_of(&self.0)
    }
    /// Whether it has a secret.
    async fn confidential(&self) -> bool {
        self.0.secret_hash.is_some()
    }
    /// The ways in which it comes to access tokens: what it has decides.
    async fn grant_types(&self) -> Vec<OauthGrantType> {
        oauth::grant_types_of(&self.0).into_iter().map(Into::into).collect()
    }
    /// When it was registered.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}

connection!(OauthClient, OauthClientConnection, OauthClientEdge, "clients of the authorization server");
