//! The authorization server: its clients, and the doors they come to.

mod answer;
pub mod endpoints;
pub mod inputs;
pub mod mutation;
pub mod query;

use super::roles::Permission;
use crate::ids::GlobalId;
use crate::scalars::DateTime;
use async_graphql::{ID, Object};
use entities::identity::oauth_client;
use services::identity::oauth;

/// A program that asks the authorization server for access tokens, by an id and a secret of its own.
#[derive(Clone)]
pub struct OauthClient(pub oauth_client::Model);

/// A program that asks the authorization server for access tokens, by an id and a secret of its own.
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
    /// When it was registered.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }
}

connection!(OauthClient, OauthClientConnection, OauthClientEdge, "clients of the authorization server");
