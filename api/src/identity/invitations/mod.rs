//! Invitations of an organisation.

pub mod inputs;
pub mod mutation;

use crate::context::Ask;
use crate::error::Result;
use crate::identity::types::{Membership, Role, RoleConnection};
use crate::ids::GlobalId;
use crate::page::args;
use crate::scalars::DateTime;
use crate::together::Together;
use async_graphql::{Context, Enum, ID, Object};
use entities::identity::{InvitationId, MembershipId, invitation};
use services::identity::roles;
use services::page::Page;
use std::collections::BTreeSet;
use std::sync::Arc;

/// That an address may join the organisation.
#[derive(Clone)]
pub struct Invitation {
    row: invitation::Model,
    page: Arc<InvitationPage>,
}

/// What the invitations of one page point at.
struct InvitationPage {
    roles: Together<InvitationId, Vec<roles::Role>>,
    members: Together<MembershipId, Membership>,
}

impl InvitationPage {
    fn of<'a>(rows: impl Iterator<Item = &'a invitation::Model> + Clone) -> Arc<Self> {
        let members: BTreeSet<MembershipId> = rows.clone().flat_map(|row| [Some(row.invited_by), row.accepted_by]).flatten().collect();
        Arc::new(Self { roles: Together::new(rows.map(|row| row.id)), members: Together::new(members) })
    }
}

impl Invitation {
    pub fn alone(row: invitation::Model) -> Self {
        let page = InvitationPage::of(std::iter::once(&row));
        Self { row, page }
    }
    pub fn page(page: Page<invitation::Model>) -> Page<Self> {
        let together = InvitationPage::of(page.items().collect::<Vec<_>>().into_iter());
        page.map(|row| Self { row, page: together.clone() })
    }
    async fn member(&self, ctx: &Context<'_>, id: MembershipId) -> Result<Membership> {
        let scope = ctx.scope()?;
        Ok(self.page.members.must_get(id, |ids| Membership::by_ids(scope, ids)).await?)
    }
}

/// That an address may join the organisation.
#[Object]
impl Invitation {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.row.id.to_global()
    }
    /// The address; the account that accepts has it.
    async fn email(&self) -> &str {
        &self.row.email
    }
    /// How the letter addresses the person.
    async fn display_name(&self) -> Option<&str> {
        self.row.display_name.as_deref()
    }
    /// In the inviter's words.
    async fn message(&self) -> Option<&str> {
        self.row.message.as_deref()
    }
    /// What the person becomes.
    async fn roles(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<RoleConnection>> {
        let (scope, args) = (ctx.scope()?, args(ctx, first, after, last, before));
        let named = self.page.roles.get(self.row.id, |ids| roles::of_invitations(scope, ids)).await?.unwrap_or_default();
        Ok(Some(RoleConnection::new(roles::page_of(named, &args)?.map(Role))))
    }
    /// Where it stands.
    async fn state(&self, ctx: &Context<'_>) -> Result<InvitationState> {
        Ok(services::identity::invitations::InvitationState::of(&self.row, ctx.scope()?.now()).into())
    }
    /// Who sent it last, and answers for its roles: once they may no longer give them, it cannot be accepted.
    async fn invited_by(&self, ctx: &Context<'_>) -> Result<Membership> {
        self.member(ctx, self.row.invited_by).await
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
    /// When it was sent last.
    async fn sent_at(&self) -> DateTime {
        self.row.sent_at.into()
    }
    /// Until when it can be accepted: seven days after it was sent last.
    async fn expires_at(&self) -> DateTime {
        self.row.expires_at.into()
    }
    /// When it was accepted.
    async fn accepted_at(&self) -> Option<DateTime> {
        self.row.accepted_at.map(Into::into)
    }
    /// Who joined by it.
    async fn accepted_by(&self, ctx: &Context<'_>) -> Result<Option<Membership>> {
        let Some(id) = self.row.accepted_by else { return Ok(None) };
        self.member(ctx, id).await.map(Some)
    }
}

connection!(Invitation, InvitationConnection, InvitationEdge, "invitations");

/// Where an invitation stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "services::identity::invitations::InvitationState")]
pub enum InvitationState {
    /// It waits for an answer.
    Pending,
    /// Somebody joined by it.
    Accepted,
    /// It was taken back.
    Revoked,
    /// Nobody answered in seven days; it can be sent again.
    Expired,
}
