//! Who belongs to the organisation, and what becomes of them.
//!
//! An organisation always has an active owner; whoever decides about another has all of the other's rights. Who is not active
//! has no session in it, and is told by letter.

mod change;
mod decision;
mod erase;
mod leave;
mod news;
mod status;
#[cfg(test)]
mod tests;

pub(super) use change::MOST_ROLES;
pub use change::{reactivate, remove, set_roles, suspend, transfer};
pub(super) use decision::{Decision, give};
pub(super) use erase::erase;
pub use leave::leave;
pub(super) use status::Act;

use super::Permission;
use crate::page::{Page, PageArgs, Sort};
use crate::{Reads, Result, Scope, sql};
use entities::identity::membership::{self, MembershipKind, MembershipStatus};
use entities::identity::{MembershipId, UserId, user};
use sea_orm::ColumnTrait;
use std::collections::HashMap;

/// The organisation's members, the first joined first; those who left when they are asked for, too.
pub async fn page(scope: &Scope, include_left: bool, args: &PageArgs) -> Result<Page<membership::Model>> {
    scope.require(Permission::IdentityMemberRead)?;
    let mut members = scope.select::<membership::Entity>().filter(membership::Column::Kind.eq(MembershipKind::Person));
    if !include_left {
        members = members.filter(membership::Column::Status.ne(MembershipStatus::Left));
    }
    members.page(args, &[Sort::ascending(membership::Column::CreatedAt)]).await
}

pub async fn find(scope: &Scope, id: MembershipId) -> Result<Option<membership::Model>> {
    scope.require(Permission::IdentityMemberRead)?;
    Ok(scope.find::<membership::Entity>(id).await?.filter(|member| member.kind == MembershipKind::Person))
}

/// These members, for a page that shows who did something; whoever sees the deed sees the doer.
pub async fn by_ids(scope: &Scope, ids: &[MembershipId]) -> Result<HashMap<MembershipId, membership::Model>> {
    scope.by_ids::<membership::Entity>(ids).await
}

/// Refuses what only whoever sees the members may know of this one, such as their roles; one's own need no permission.
pub fn require_sight(scope: &Scope, id: MembershipId) -> Result<()> {
    if scope.membership() == Some(id) { Ok(()) } else { scope.require(Permission::IdentityMemberRead) }
}

/// The person behind a membership of this organisation.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct Person {
    #[sea_orm(nested)]
    pub row: user::Model,
    pub standing: MembershipStatus,
}

impl Person {
    /// Whether this actor may know how to reach them. Whoever left is no longer of the organisation: where they are reached now is
    /// none of its business.
    pub fn is_reached_by(&self, scope: &Scope) -> bool {
        scope.user() == Some(self.row.id) || self.standing != MembershipStatus::Left && scope.may(Permission::IdentityMemberRead)
    }
}

/// The people behind memberships of this organisation.
pub async fn users(scope: &Scope, ids: &[UserId]) -> Result<HashMap<UserId, Person>> {
    let people: Vec<Person> = scope.statement(sql!("users_of_tenant.sql")).ids("ids", ids.iter().copied()).all().await?;
    Ok(people.into_iter().map(|person| (person.row.id, person)).collect())
}

/// One's own membership, which needs no permission to see.
pub async fn mine(scope: &Scope, id: MembershipId) -> Result<Option<membership::Model>> {
    if scope.membership() == Some(id) { scope.find::<membership::Entity>(id).await } else { Ok(None) }
}

/// A person of the organisation.
pub async fn user(scope: &Scope, id: UserId) -> Result<Option<Person>> {
    if scope.user() != Some(id) {
        scope.require(Permission::IdentityMemberRead)?;
    }
    Ok(users(scope, &[id]).await?.remove(&id))
}
