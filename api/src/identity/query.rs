use super::types::{Organization, Viewer};
use crate::context::Ask;
use crate::error::Result;
use crate::schema::{public, signed_in};
use async_graphql::{Context, Object};
use services::identity::organizations;

#[derive(Default)]
pub struct IdentityQuery;

#[Object]
impl IdentityQuery {
    /// The person who asks; null when signed out.
    #[graphql(directive = public::apply())]
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Viewer> {
        ctx.caller().ok().map(|_| Viewer)
    }

    /// The active organisation.
    #[graphql(directive = signed_in::apply())]
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        Ok(Some(Organization(organizations::get(ctx.scope()?).await?)))
    }
}
