use super::{OauthClient, OauthClientConnection};
use crate::context::Ask;
use crate::error::Result;
use crate::page::args;
use crate::schema::requires;
use async_graphql::{Context, Object};
use services::identity::oauth;

#[derive(Default)]
pub struct OauthQuery;

#[Object]
impl OauthQuery {
    /// The clients that the active organisation registered, the first made first.
    #[graphql(directive = requires::apply("IDENTITY_OAUTH_CLIENT_WRITE".into()))]
    async fn oauth_clients(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<OauthClientConnection>> {
        let args = args(ctx, first, after, last, before);
        Ok(Some(OauthClientConnection::new(oauth::page(ctx.scope()?, &args).await?.map(OauthClient))))
    }
}
