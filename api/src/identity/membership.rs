use super::api_tokens::{ApiToken, ApiTokenConnection};
use super::organization::Organization;
use super::roles::{Role, RoleConnection};
use super::teams::{Team, TeamConnection};
use super::user::User;
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::page::args;
use crate::together::Together;
use async_graphql::{Context, Enum, ID, Object};
use entities::identity::{MembershipId, UserId, membership};
use services::Scope;
use services::identity::{api_tokens, members, organizations, roles, teams};
use services::page::Page;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// That a person belongs to the organisation.
#[derive(Clone)]
pub struct Membership {
    pub row: membership::Model,
    page: Arc<MembershipPage>,
}

/// What the memberships of one page point at.
pub struct MembershipPage {
    users: Together<UserId, members::Person>,
    roles: Together<MembershipId, Vec<roles::Role>>,
    teams: Together<MembershipId, Vec<Team>>,
}

impl MembershipPage {
    fn of<'a>(rows: impl Iterator<Item = &'a membership::Model>) -> Arc<Self> {
        let (users, members): (Vec<_>, Vec<_>) = rows.map(|row| (row.user_id, row.id)).unzip();
        let (roles, teams) = (Together::new(members.iter().copied()), Together::new(members));
        Arc::new(Self { users: Together::new(users), roles, teams })
    }
}

impl Membership {
    pub fn alone(row: membership::Model) -> Self {
        let page = MembershipPage::of(std::iter::once(&row));
        Self { row, page }
    }
    /// The memberships with these ids, for a page of what points at them.
    pub async fn by_ids(scope: &Scope, ids: &[MembershipId]) -> services::Result<HashMap<MembershipId, Self>> {
        let rows = members::by_ids(scope, ids).await?;
        let together = MembershipPage::of(rows.values());
        Ok(rows.into_iter().map(|(id, row)| (id, Self { row, page: together.clone() })).collect())
    }
    /// Pages of which all that is asked of any row is loaded for all.
    pub fn pages<K: Eq + Hash>(pages: HashMap<K, Page<membership::Model>>) -> HashMap<K, Page<Self>> {
        let together = MembershipPage::of(pages.values().flat_map(Page::items));
        pages.into_iter().map(|(key, page)| (key, page.map(|row| Self { row, page: together.clone() }))).collect()
    }
    pub fn page(page: Page<membership::Model>) -> Page<Self> {
        let together = MembershipPage::of(page.items());
        page.map(|row| Self { row, page: together.clone() })
    }
}

/// That a person belongs to the organisation.
#[Object]
impl Membership {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.row.id.to_global()
    }
    /// The person.
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        let scope = ctx.scope()?;
        let person = self.page.users.must_get(self.row.user_id, |ids| members::users(scope, ids)).await?;
        Ok(User::seen_by(scope, person))
    }
    /// The organisation.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        Ok(Organization(organizations::get(ctx.scope()?).await?))
    }
    /// The roles held; their permissions add up. One's own, or with IDENTITY_MEMBER_READ anybody's; else null, with an error FORBIDDEN.
    async fn roles(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<RoleConnection>> {
        let args = args(ctx, first, after, last, before);
        let scope = ctx.scope()?;
        members::require_sight(scope, self.row.id)?;
        let held = self.page.roles.get(self.row.id, |ids| roles::of_members(scope, ids)).await?.unwrap_or_default();
        Ok(Some(RoleConnection::new(roles::page_of(held, &args)?.map(Role))))
    }
    /// The teams the member belongs to, by name: one's own, or with the permission to see members anybody's.
    async fn teams(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<TeamConnection>> {
        let args = args(ctx, first, after, last, before);
        let scope = ctx.scope()?;
        let load = async |ids: &[MembershipId]| Ok(Team::lists(teams::of_members(scope, ids).await?));
        let teams = self.page.teams.get(self.row.id, load).await?.unwrap_or_default();
        Ok(Some(TeamConnection::of(teams, &args)?))
    }
    /// The member's own API tokens, the newest first: one's own, or with IDENTITY_SERVICE_ACCOUNT_WRITE anybody's.
    async fn api_tokens(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<ApiTokenConnection>> {
        let args = args(ctx, first, after, last, before);
        Ok(Some(ApiTokenConnection::new(api_tokens::page_of_member(ctx.scope()?, self.row.id, &args).await?.map(ApiToken))))
    }
    /// Rises with every change; send it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.row.version
    }
    /// Where the membership stands.
    async fn status(&self) -> MembershipStatus {
        self.row.status.into()
    }
}

node_id!(User);
connection!(Membership, MembershipConnection, MembershipEdge, "memberships");

/// Where a membership stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "membership::MembershipStatus")]
pub enum MembershipStatus {
    /// Asked to join, and has not answered.
    Invited,
    /// Belongs to the organisation.
    Active,
    /// Belongs to it without access: its data are closed to them, and their roles wait.
    Suspended,
    /// Belonged to it.
    Left,
}
