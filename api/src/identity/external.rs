//! Sign-in with others, and the ways into one's own account.

use super::payloads::SignInPayload;
use super::types::Viewer;
use crate::context::Ask;
use crate::error::{Result, UserError, refused};
use crate::ids::GlobalId;
use crate::scalars::DateTime;
use crate::schema::{public, signed_in};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entities::TenantId;
use entities::identity::{ExternalIdentityId, external_identity};
use services::identity::external::{self, Returned};
use services::scope::retrying;

/// Where people may sign in instead of typing a password here.
#[derive(SimpleObject)]
pub struct SignInProvider {
    /// What `externalSignInBegin` takes.
    pub key: String,
    /// As people know it.
    pub name: String,
}

/// An account elsewhere that signs its person in here.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct ExternalIdentity {
    #[graphql(skip)]
    pub key: ExternalIdentityId,
    /// Of `signInProviders`, when it was linked.
    pub provider: String,
    /// The address it has there, as it said when it was linked.
    pub email: Option<String>,
    /// When it was linked.
    pub linked_at: DateTime,
    /// When it last signed its person in.
    pub last_used_at: DateTime,
}

crate::node_id!(ExternalIdentity);

impl From<external_identity::Model> for ExternalIdentity {
    fn from(row: external_identity::Model) -> Self {
        Self { key: row.id, provider: row.provider, email: row.email, linked_at: row.linked_at.into(), last_used_at: row.used_at.into() }
    }
}

/// Where to sign in, and where to come back to.
#[derive(InputObject)]
pub struct ExternalSignInBeginInput {
    /// Of `signInProviders`.
    pub provider: String,
    /// One of the pages that the installation allows, letter by letter.
    pub redirect_uri: String,
    /// Adds the account to the caller's own instead, for `externalIdentityLink`.
    #[graphql(default)]
    pub link: bool,
}

/// What the browser kept, and what it was sent back with.
#[derive(InputObject)]
pub struct ExternalSignInCompleteInput {
    /// Of `externalSignInBegin`, kept by this browser.
    pub flow: String,
    /// As the address of the page has it.
    pub state: String,
    /// As the address of the page has it.
    pub code: String,
    /// As the address of the page has it, where it does.
    pub iss: Option<String>,
    /// The organisation to go on in; the last one used when absent.
    pub organization_id: Option<ID>,
}

/// What the browser kept, and what it was sent back with.
#[derive(InputObject)]
pub struct ExternalIdentityLinkInput {
    /// Of `externalSignInBegin` with `link`, kept by this browser.
    pub flow: String,
    /// As the address of the page has it.
    pub state: String,
    /// As the address of the page has it.
    pub code: String,
    /// As the address of the page has it, where it does.
    pub iss: Option<String>,
}

/// Which account elsewhere signs in no more.
#[derive(InputObject)]
pub struct ExternalIdentityRemoveInput {
    /// One of one's own.
    pub id: ID,
}

/// What came of `externalSignInBegin`.
#[derive(SimpleObject, Default)]
pub struct ExternalSignInBeginPayload {
    /// The page to send the person to.
    pub authorization_url: Option<String>,
    /// To be kept by the browser and shown when the person comes back; it serves once.
    pub flow: Option<String>,
    /// When the flow is over.
    pub expires_at: Option<DateTime>,
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

payload! {
    ExternalIdentityLinkPayload {
        /// The person, with the accounts that sign them in.
        viewer: Viewer
    },
    ExternalIdentityRemovePayload {
        /// The person, with the accounts that are left.
        viewer: Viewer
    },
}

#[derive(Default)]
pub struct ExternalQuery;

#[Object]
impl ExternalQuery {
    /// Where people may sign in instead of typing a password here; none where the installation names none.
    #[graphql(directive = public::apply())]
    async fn sign_in_providers(&self, ctx: &Context<'_>) -> Vec<SignInProvider> {
        let provider = |issuer: &services::settings::Issuer| SignInProvider { key: issuer.key.clone(), name: issuer.name.clone() };
        external::providers(&ctx.asking().app).iter().map(provider).collect()
    }
}

#[derive(Default)]
pub struct ExternalMutation;

#[Object]
impl ExternalMutation {
    /// Begins a sign-in with a provider (OpenID Connect, code with PKCE): send the person to the page it answers.
    #[graphql(directive = public::apply())]
    async fn external_sign_in_begin(
        &self,
        ctx: &Context<'_>,
        input: ExternalSignInBeginInput,
    ) -> Result<Option<ExternalSignInBeginPayload>> {
        let linking = if input.link { Some(ctx.person()?) } else { None };
        let (begun, user_errors) = refused(external::begin(&ctx.doorway(), &input.provider, &input.redirect_uri, linking).await)?;
        Ok(Some(match begun {
            Some(begun) => ExternalSignInBeginPayload {
                authorization_url: Some(begun.url),
                flow: Some(begun.flow),
                expires_at: Some(begun.expires_at.into()),
                user_errors,
            },
            None => ExternalSignInBeginPayload { user_errors, ..Default::default() },
        }))
    }

    /// Goes on when the person is back: signs them in, and opens an account for who has none. Whoever has a second factor is answered
    /// a challenge for `signInComplete`.
    #[graphql(directive = public::apply())]
    async fn external_sign_in_complete(&self, ctx: &Context<'_>, input: ExternalSignInCompleteInput) -> Result<Option<SignInPayload>> {
        let (doorway, agent) = (ctx.doorway(), ctx.asking().asked.user_agent.clone());
        let tenant = input.organization_id.as_ref().map(TenantId::of_global);
        let returned = Returned { flow: input.flow, state: input.state, code: input.code, issuer: input.iss };
        Ok(Some(SignInPayload::of_entered(external::sign_in(&doorway, &returned, tenant, agent).await)?))
    }

    /// Has an account elsewhere sign the caller in from now on.
    #[graphql(directive = signed_in::apply())]
    async fn external_identity_link(
        &self,
        ctx: &Context<'_>,
        input: ExternalIdentityLinkInput,
    ) -> Result<Option<ExternalIdentityLinkPayload>> {
        let (doorway, caller) = (ctx.doorway(), ctx.person()?);
        let returned = Returned { flow: input.flow, state: input.state, code: input.code, issuer: input.iss };
        let linked = external::link(&doorway, caller, &returned).await;
        Ok(Some(ExternalIdentityLinkPayload::of(linked.map(|()| Viewer))?))
    }

    /// Has an account elsewhere sign the caller in no more; never the last way in.
    #[graphql(directive = signed_in::apply())]
    async fn external_identity_remove(
        &self,
        ctx: &Context<'_>,
        input: ExternalIdentityRemoveInput,
    ) -> Result<Option<ExternalIdentityRemovePayload>> {
        let (doorway, caller, id) = (ctx.doorway(), ctx.person()?, ExternalIdentityId::of_global(&input.id));
        let removed = retrying(|| external::remove(&doorway, caller, id)).await;
        Ok(Some(ExternalIdentityRemovePayload::of(removed.map(|()| Viewer))?))
    }
}
