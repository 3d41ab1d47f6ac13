//! Teams, as clients see them.

pub mod inputs;
pub mod mutation;
pub mod query;

use super::membership::{Membership, MembershipConnection};
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::page::args;
use crate::scalars::DateTime;
use crate::together::{FirstPages, Together};
use async_graphql::{Context, ID, Object};
use entities::identity::{TeamId, team};
use services::Scope;
use services::identity::teams;
use services::page::{Page, PageArgs};
use std::collections::HashMap;
use std::sync::Arc;

/// People who work together, below another team or at the top.
#[derive(Clone)]
pub struct Team {
    row: team::Model,
    page: Arc<TeamPage>,
}

/// What the teams of one page point at, and what stands below them.
struct TeamPage {
    parents: Together<TeamId, Team>,
    children: Together<TeamId, Vec<Team>>,
    members: FirstPages<TeamId, Membership>,
}

impl TeamPage {
    fn of<'a>(rows: impl Iterator<Item = &'a team::Model>) -> Arc<Self> {
        let (ids, parents): (Vec<_>, Vec<_>) = rows.map(|row| (row.id, row.parent_id)).unzip();
        let parents = Together::new(parents.into_iter().flatten());
        Arc::new(Self { parents, children: Together::new(ids.iter().copied()), members: FirstPages::new(ids) })
    }
}

impl Team {
    pub fn alone(row: team::Model) -> Self {
        let page = TeamPage::of(std::iter::once(&row));
        Self { row, page }
    }
    pub fn page(page: Page<team::Model>) -> Page<Self> {
        let together = TeamPage::of(page.items());
        page.map(|row| Self { row, page: together.clone() })
    }
    /// The teams with these ids, for a page of what points at them.
    pub async fn by_ids(scope: &Scope, ids: &[TeamId]) -> services::Result<HashMap<TeamId, Self>> {
        let rows = teams::by_ids(scope, ids).await?;
        let together = TeamPage::of(rows.values());
        Ok(rows.into_iter().map(|(id, row)| (id, Self { row, page: together.clone() })).collect())
    }
    /// Lists of teams, of which all that is asked of any is loaded for all.
    pub fn lists<K: std::hash::Hash + Eq>(lists: HashMap<K, Vec<team::Model>>) -> HashMap<K, Vec<Self>> {
        let together = TeamPage::of(lists.values().flatten());
        let whole = |rows: Vec<team::Model>| rows.into_iter().map(|row| Self { row, page: together.clone() }).collect();
        lists.into_iter().map(|(key, rows)| (key, whole(rows))).collect()
    }

    async fn below(&self, scope: &Scope) -> services::Result<Vec<Self>> {
        let load = async |ids: &[TeamId]| Ok(Self::lists(teams::children(scope, ids).await?));
        Ok(self.page.children.get(self.row.id, load).await?.unwrap_or_default())
    }

    async fn people(&self, scope: &Scope, args: &PageArgs) -> services::Result<Page<Membership>> {
        if args.is_first() {
            let firsts = async |ids: Vec<TeamId>| Ok(Membership::pages(teams::member_pages(scope, &ids, args).await?));
            return self.page.members.get(self.row.id, args, firsts).await;
        }
        Ok(Membership::page(teams::member_page(scope, self.row.id, args).await?))
    }
}

/// People who work together, below another team or at the top.
#[Object]
impl Team {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.row.id.to_global()
    }
    /// Rises with every change, of its members, too; send it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.row.version
    }
    /// Unique among its siblings.
    async fn name(&self) -> &str {
        &self.row.name
    }
    /// The team it stands below; null at the top.
    #[graphql(directive = crate::schema::requires::apply("IDENTITY_MEMBER_READ".into()))]
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Team>> {
        let Some(parent) = self.row.parent_id else { return Ok(None) };
        let scope = ctx.scope()?;
        Ok(self.page.parents.get(parent, |ids| Team::by_ids(scope, ids)).await?)
    }
    /// The teams right below it, by name.
    #[graphql(directive = crate::schema::requires::apply("IDENTITY_MEMBER_READ".into()))]
    async fn children(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<TeamConnection>> {
        let args = args(ctx, first, after, last, before);
        let below = self.below(ctx.scope()?).await?;
        Ok(Some(TeamConnection::new(Page::of_all(below, &args, |team| team.row.id.0)?)))
    }
    /// Who belongs to it, the first who came first; those of the teams below it are not among them.
    #[graphql(directive = crate::schema::requires::apply("IDENTITY_MEMBER_READ".into()))]
    async fn members(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<MembershipConnection>> {
        let args = args(ctx, first, after, last, before);
        Ok(Some(MembershipConnection::new(Box::pin(self.people(ctx.scope()?, &args)).await?)))
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

connection!(Team, TeamConnection, TeamEdge, "teams");

impl TeamConnection {
    /// A page of the teams of one member.
    pub fn of(teams: Vec<Team>, args: &PageArgs) -> services::Result<Self> {
        Ok(Self::new(Page::of_all(teams, args, |team| team.row.id.0)?))
    }
}
