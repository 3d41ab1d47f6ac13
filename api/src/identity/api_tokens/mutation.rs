use super::ApiToken;
use super::inputs::{ApiTokenCreateInput, ApiTokenRevokeInput};
use crate::context::Ask;
use crate::error::{Result, UserError, refused};
use crate::ids::GlobalId;
use crate::schema::signed_in;
use async_graphql::{Context, Object, SimpleObject};
use entities::identity::{ApiTokenId, ServiceAccountId};
use services::identity::api_tokens::{self, NewToken};
use services::scope::retrying;

/// What came of `apiTokenCreate`.
#[derive(SimpleObject)]
pub struct ApiTokenCreatePayload {
    /// The new token.
    pub api_token: Option<ApiToken>,
    /// The token itself. It is shown this once: keep it where secrets are kept.
    pub secret: Option<String>,
    /// Every rule that refused the input; empty when all went well.
    pub user_errors: Vec<UserError>,
}

payload! {
    ApiTokenRevokePayload {
        /// The token, which is over.
        api_token: ApiToken
    },
}

#[derive(Default)]
pub struct ApiTokensMutation;

#[Object]
impl ApiTokensMutation {
    /// Makes a key with which a program acts as oneself in the active organisation, or as one of its service accounts. It asks for a fresh proof.
    #[graphql(directive = signed_in::apply())]
    async fn api_token_create(&self, ctx: &Context<'_>, input: ApiTokenCreateInput) -> Result<Option<ApiTokenCreatePayload>> {
        ctx.person()?;
        let (scope, account) = (ctx.scope()?, input.service_account_id.as_ref().map(ServiceAccountId::of_global));
        let new = NewToken::from(input);
        let made = match account {
            Some(account) => retrying(|| api_tokens::create_for(scope, account, new.clone())).await,
            None => retrying(|| api_tokens::create(scope, new.clone())).await,
        };
        let (made, user_errors) = refused(made)?;
        let (api_token, secret) = made.map(|made| (ApiToken(made.row), made.secret)).unzip();
        Ok(Some(ApiTokenCreatePayload { api_token, secret, user_errors }))
    }

    /// Ends a token; it is refused everywhere within a second.
    #[graphql(directive = signed_in::apply())]
    async fn api_token_revoke(&self, ctx: &Context<'_>, input: ApiTokenRevokeInput) -> Result<Option<ApiTokenRevokePayload>> {
        ctx.person()?;
        let (scope, id) = (ctx.scope()?, ApiTokenId::of_global(&input.id));
        Ok(Some(ApiTokenRevokePayload::of(retrying(|| api_tokens::revoke(scope, id)).await.map(ApiToken))?))
    }
}
