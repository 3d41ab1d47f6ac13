use super::types::{Organization, PermissionInfo, Viewer};
use crate::context::Ask;
use crate::error::Result;
use crate::scalars::DateTime;
use crate::schema::{public, signed_in};
use async_graphql::{Context, Object, SimpleObject};
use services::identity::{Permission, organizations};

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

    /// Every permission a role may grant, with what it allows.
    #[graphql(directive = signed_in::apply())]
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Vec<PermissionInfo>> {
        ctx.caller()?;
        let info = |permission: &Permission| PermissionInfo {
            permission: (*permission).into(),
            description: permission.describe(ctx.locale()),
            scopes: permission.reaches().iter().map(|reach| (*reach).into()).collect(),
        };
        Ok(Permission::ALL.iter().map(info).collect())
    }

    /// What is left of the caller's allowance; null where nobody counts.
    #[graphql(directive = public::apply())]
    async fn rate_limit(&self) -> Option<RateLimit> {
        None
    }
}

/// How much may still be asked, and until when.
#[derive(SimpleObject)]
pub struct RateLimit {
    /// Points a full allowance holds.
    pub limit: i32,
    /// Points left now.
    pub remaining: i32,
    /// When the allowance is full again.
    pub reset_at: DateTime,
}
