use super::{ServiceAccount, ServiceAccountConnection};
use crate::context::Ask;
use crate::error::Result;
use crate::page::args;
use crate::schema::requires;
use async_graphql::{Context, Object};
use services::identity::service_accounts;

#[derive(Default)]
pub struct ServiceAccountsQuery;

#[Object]
impl ServiceAccountsQuery {
    /// The active organisation's service accounts, the first made first.
    #[graphql(directive = requires::apply("IDENTITY_MEMBER_READ".into()))]
    async fn service_accounts(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<ServiceAccountConnection>> {
        let args = args(ctx, first, after, last, before);
        let page = service_accounts::page(ctx.scope()?, &args).await?;
        Ok(Some(ServiceAccountConnection::new(ServiceAccount::page(page))))
    }
}
