use super::inputs::{TeamFilter, TeamSort};
use super::{Team, TeamConnection};
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::page::args;
use crate::schema::requires;
use async_graphql::{Context, ID, Object};
use entities::identity::TeamId;
use services::identity::teams;

#[derive(Default)]
pub struct TeamsQuery;

#[Object]
impl TeamsQuery {
    /// A team by its id; null when there is none.
    #[graphql(directive = requires::apply("IDENTITY_MEMBER_READ".into()))]
    async fn team(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Team>> {
        Ok(teams::find(ctx.scope()?, TeamId::of_global(&id)).await?.map(Team::alone))
    }

    /// Teams, by name when no order is given.
    #[graphql(directive = requires::apply("IDENTITY_MEMBER_READ".into()))]
    #[allow(clippy::too_many_arguments, reason = "each is an argument of the GraphQL field")]
    async fn teams(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<TeamFilter>,
        order_by: Option<Vec<TeamSort>>,
    ) -> Result<Option<TeamConnection>> {
        let (filter, order) = (filter.unwrap_or_default().into(), TeamSort::order(order_by));
        let page = teams::page(ctx.scope()?, &filter, &order, &args(ctx, first, after, last, before)).await?;
        Ok(Some(TeamConnection::new(Team::page(page))))
    }
}
