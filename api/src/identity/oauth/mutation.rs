use super::OauthClient;
use super::inputs::{OauthClientCreateInput, OauthClientDeleteInput, OauthClientSecretRenewInput, OauthClientUpdateInput};
use crate::context::Ask;
use crate::error::{Result, UserError, refused};
use crate::ids::GlobalId;
use crate::payload::or_present;
use crate::schema::requires;
use async_graphql::{Context, ID, Object, SimpleObject};
use entities::identity::OauthClientId;
use services::Error;
use services::identity::oauth::{self, ClientChange, MadeClient, NewClient};
use services::scope::retrying;

/// What came of `oauthClientCreate`.
#[derive(SimpleObject)]
pub struct OauthClientCreatePayload {
    /// The new client.
    pub oauth_client: Option<OauthClient>,
    /// Its secret, where it is confidential. It is shown this once: keep it where secrets are kept.
    pub secret: Option<String>,
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

/// What came of `oauthClientSecretRenew`.
#[derive(SimpleObject)]
pub struct OauthClientSecretRenewPayload {
    /// The client.
    pub oauth_client: Option<OauthClient>,
    /// Its new secret. It is shown this once: keep it where secrets are kept.
    pub secret: Option<String>,
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

payload! {
    OauthClientUpdatePayload {
        /// The client as it is now, also after STALE_VERSION.
        oauth_client: OauthClient
    },
    OauthClientDeletePayload {
        /// The id that is gone.
        deleted_id: ID
    },
}

#[derive(Default)]
pub struct OauthMutation;

#[Object]
impl OauthMutation {
    /// Registers a client, which asks people, acts as a service account, or both. It asks for a fresh proof.
    #[graphql(directive = requires::apply("IDENTITY_OAUTH_CLIENT_WRITE".into()))]
    async fn oauth_client_create(&self, ctx: &Context<'_>, input: OauthClientCreateInput) -> Result<Option<OauthClientCreatePayload>> {
        let (scope, new) = (ctx.scope()?, NewClient::from(input));
        let (made, user_errors) = refused(retrying(|| oauth::create(scope, new.clone())).await)?;
        let (oauth_client, secret) = shown(made);
        Ok(Some(OauthClientCreatePayload { oauth_client, secret, user_errors }))
    }

    /// Renames a client, or changes where it sends people back to or the most it is given. It asks for a fresh proof.
    #[graphql(directive = requires::apply("IDENTITY_OAUTH_CLIENT_WRITE".into()))]
    async fn oauth_client_update(&self, ctx: &Context<'_>, input: OauthClientUpdateInput) -> Result<Option<OauthClientUpdatePayload>> {
        let (scope, id) = (ctx.scope()?, OauthClientId::of_global(&input.id));
        let change = ClientChange::from(input);
        let changed = retrying(|| oauth::update(scope, id, change.clone())).await;
        let present = async { Ok::<_, Error>(oauth::find(scope, id).await?.map(OauthClient)) };
        or_present(changed.map(OauthClient), present).await
    }

    /// Makes another secret in the place of a client's, which is good for nothing from then on. It asks for a fresh proof.
    #[graphql(directive = requires::apply("IDENTITY_OAUTH_CLIENT_WRITE".into()))]
    async fn oauth_client_secret_renew(
        &self,
        ctx: &Context<'_>,
        input: OauthClientSecretRenewInput,
    ) -> Result<Option<OauthClientSecretRenewPayload>> {
        let (scope, id) = (ctx.scope()?, OauthClientId::of_global(&input.id));
        let (made, user_errors) = refused(retrying(|| oauth::renew_secret(scope, id)).await)?;
        let (oauth_client, secret) = shown(made);
        Ok(Some(OauthClientSecretRenewPayload { oauth_client, secret, user_errors }))
    }

    /// Deletes a client; what it was given is refused within a second. It asks for a fresh proof.
    #[graphql(directive = requires::apply("IDENTITY_OAUTH_CLIENT_WRITE".into()))]
    async fn oauth_client_delete(&self, ctx: &Context<'_>, input: OauthClientDeleteInput) -> Result<Option<OauthClientDeletePayload>> {
        let (scope, id) = (ctx.scope()?, OauthClientId::of_global(&input.id));
        let gone = retrying(|| oauth::delete(scope, id)).await;
        Ok(Some(OauthClientDeletePayload::of(gone.map(GlobalId::to_global))?))
    }
}

fn shown(made: Option<MadeClient>) -> (Option<OauthClient>, Option<String>) {
    made.map(|made| (Some(OauthClient(made.row)), made.secret)).unwrap_or_default()
}
