//! The clients that act for the person who asks.

use crate::context::Ask;
use crate::error::Result;
use crate::identity::organization::Organization;
use crate::identity::roles::Permission;
use crate::identity::types::Viewer;
use crate::ids::GlobalId;
use crate::scalars::DateTime;
use crate::schema::signed_in;
use async_graphql::{Context, ID, InputObject, Object};
use entities::identity::OauthConsentId;
use services::identity::oauth::{self, AuthorizedApp as App};
use services::scope::retrying;

/// A client that a person lets act for them in an organisation.
#[derive(Clone)]
pub struct AuthorizedApp(pub App);

/// A client that a person lets act for them in an organisation.
#[Object]
impl AuthorizedApp {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.0.row.id.to_global()
    }
    /// What the client is.
    async fn name(&self) -> &str {
        &self.0.row.name
    }
    /// The organisation that registered it, in which it acts.
    async fn organization(&self) -> Option<Organization> {
        self.0.organization.clone().map(Organization)
    }
    /// What it may do, as long as the person may.
    async fn permissions(&self) -> Vec<Permission> {
        self.0.row.scopes().into_iter().map(Into::into).collect()
    }
    /// Since when it acts for the person.
    async fn since(&self) -> DateTime {
        self.0.row.since.into()
    }
    /// When the last of it ends by itself.
    async fn expires_at(&self) -> DateTime {
        self.0.row.expires_at.into()
    }
    /// When it was last used, to the minute; null: never yet.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.row.last_used_at.map(Into::into)
    }
}

connection!(AuthorizedApp, AuthorizedAppConnection, AuthorizedAppEdge, "clients that act for a person");

/// The client that is to act no longer.
#[derive(InputObject)]
pub struct AuthorizedAppRevokeInput {
    /// The authorized app.
    pub id: ID,
}

payload! {
    AuthorizedAppRevokePayload {
        /// The person, with the clients that still act for them.
        viewer: Viewer
    },
}

#[derive(Default)]
pub struct AppsMutation;

#[Object]
impl AppsMutation {
    /// Takes back all that a client was let do for the caller, in whatever organisation; it is refused within a second.
    #[graphql(directive = signed_in::apply())]
    async fn authorized_app_revoke(
        &self,
        ctx: &Context<'_>,
        input: AuthorizedAppRevokeInput,
    ) -> Result<Option<AuthorizedAppRevokePayload>> {
        let (caller, doorway, id) = (ctx.person()?, ctx.doorway(), OauthConsentId::of_global(&input.id));
        let ended = retrying(|| oauth::end_app(&doorway, caller, id)).await;
        Ok(Some(AuthorizedAppRevokePayload::of(ended.map(|()| Viewer))?))
    }
}
