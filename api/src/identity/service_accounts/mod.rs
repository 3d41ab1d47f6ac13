//! Members that are no people.

pub mod inputs;
pub mod mutation;
pub mod query;

use super::api_tokens::{ApiToken, ApiTokenConnection};
use super::membership::MembershipStatus;
use super::roles::{Role, RoleConnection};
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::page::args;
use crate::scalars::DateTime;
use crate::schema::requires;
use crate::together::Together;
use async_graphql::{Context, ID, Object};
use entities::identity::{MembershipId, ServiceAccountId, UserId, membership};
use services::Error;
use services::identity::{api_tokens, members, roles};
use services::page::Page;
use std::sync::Arc;

/// A member that is no person: a program of the organisation's own, which comes with API tokens alone.
#[derive(Clone)]
pub struct ServiceAccount {
    row: membership::Model,
    page: Arc<Accounts>,
}

/// What the service accounts of one page point at.
struct Accounts {
    users: Together<UserId, members::Person>,
    roles: Together<MembershipId, Vec<roles::Role>>,
}

impl Accounts {
    fn of<'a>(rows: impl Iterator<Item = &'a membership::Model>) -> Arc<Self> {
        let (users, members): (Vec<_>, Vec<_>) = rows.map(|row| (row.user_id, row.id)).unzip();
        Arc::new(Self { users: Together::new(users), roles: Together::new(members) })
    }
}

impl ServiceAccount {
    pub fn alone(row: membership::Model) -> Self {
        let page = Accounts::of(std::iter::once(&row));
        Self { row, page }
    }
    fn page(page: Page<membership::Model>) -> Page<Self> {
        let together = Accounts::of(page.items());
        page.map(|row| Self { row, page: together.clone() })
    }
    fn key(&self) -> ServiceAccountId {
        ServiceAccountId(self.row.id.0)
    }
}

/// A member that is no person: a program of the organisation's own, which comes with API tokens alone.
#[Object]
impl ServiceAccount {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.key().to_global()
    }
    /// Rises with every change; send it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.row.version
    }
    /// What it is for.
    async fn name(&self, ctx: &Context<'_>) -> Result<String> {
        let scope = ctx.scope()?;
        Ok(self.page.users.must_get(self.row.user_id, |ids| members::users(scope, ids)).await?.row.display_name)
    }
    /// Where it stands; while it is suspended its tokens wait.
    async fn status(&self) -> MembershipStatus {
        self.row.status.into()
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
    /// The roles held; their permissions add up, and its tokens have no more.
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
        let held = self.page.roles.get(self.row.id, |ids| roles::of_members(scope, ids)).await?.unwrap_or_default();
        Ok(Some(RoleConnection::new(roles::page_of(held, &args)?.map(Role))))
    }
    /// Its API tokens, the newest first.
    #[graphql(directive = requires::apply("IDENTITY_SERVICE_ACCOUNT_WRITE".into()))]
    async fn api_tokens(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<ApiTokenConnection>> {
        let args = args(ctx, first, after, last, before);
        let tokens = match api_tokens::page_of(ctx.scope()?, self.key(), &args).await {
            // It was removed a moment ago.
            Err(Error::NotFound) => return Ok(None),
            tokens => tokens?,
        };
        Ok(Some(ApiTokenConnection::new(tokens.map(ApiToken))))
    }
}

connection!(ServiceAccount, ServiceAccountConnection, ServiceAccountEdge, "service accounts");
