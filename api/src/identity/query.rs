use super::types::{Organization, PermissionInfo, Viewer};
use crate::context::Ask;
use crate::edge::RateState;
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
            module: permission.module().map(Into::into),
            scopes: permission.reaches().iter().map(|reach| (*reach).into()).collect(),
        };
        Ok(Permission::ALL.iter().map(info).collect())
    }

    /// What is left of the caller's allowance after this operation; null where nobody counts.
    #[graphql(directive = public::apply())]
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        ctx.data_opt::<RateState>().map(RateLimit::from)
    }
}

/// How much may still be asked, in units: an operation takes one for every 200 points of its cost, begun counts as whole.
#[derive(SimpleObject)]
pub struct RateLimit {
    /// Units an hour brings.
    pub limit: i32,
    /// Units to be had at once, of those that may come together; each comes back after its part of the hour.
    pub remaining: i32,
    /// When all of them are back.
    pub reset_at: DateTime,
}

impl From<&RateState> for RateLimit {
    fn from(state: &RateState) -> Self {
        let units = |units: u64| i32::try_from(units).unwrap_or(i32::MAX);
        Self {
            limit: units(state.limit),
            remaining: units(state.remaining),
            reset_at: DateTime(chrono::DateTime::from(state.reset_at).into()),
        }
    }
}
