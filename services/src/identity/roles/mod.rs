//! Roles: what people may do, in sets with a name.
//!
//! A *shipped* role comes with the product, which says what it grants; an organisation copies it to make one of its *own*,
//! whose grants are rows. Rules that always hold:
//! - Nobody gives, takes, edits or deletes a role with a right that they lack, or with one that reaches further than theirs.
//!   The role of the owners is theirs alone to give and take.
//! - An edit leaves its editor the right to edit roles.
//! - Who decides about roles and members holds the row of the owners' role to the commit, and reads rights anew under it:
//!   of two who act on each other at once, the second acts with what the first has left.

mod hold;
#[cfg(test)]
mod tests;
mod write;

pub(super) use hold::Rights;
pub use write::{NewRole, RoleChange, create, delete, update};

use super::{Grants, Permission, ShippedRole};
use crate::locale::Locale;
use crate::page::{Page, PageArgs};
use crate::{Reads, Result, Scope, sql};
use entities::identity::{InvitationId, MembershipId, RoleId, role};
use migration::folding::name_key;
use sea_orm::{DbErr, FromQueryResult, QueryResult};
use std::collections::HashMap;

/// A role, and what it grants.
#[derive(Clone, Debug)]
pub struct Role {
    pub row: role::Model,
    pub grants: Grants,
}

impl Role {
    /// Which shipped role it is; none: the organisation's own.
    pub fn shipped(&self) -> Option<ShippedRole> {
        self.row.key.as_deref().and_then(ShippedRole::of_key)
    }

    pub fn is_owner(&self) -> bool {
        self.shipped() == Some(ShippedRole::Owner)
    }

    /// A shipped one in the reader's language, an own one as it was called.
    pub fn name(&self, locale: Locale) -> String {
        self.shipped().map_or_else(|| self.row.name.clone(), |shipped| shipped.name(locale))
    }

    /// The shipped ones as they are listed, then the own ones by name.
    fn place(&self) -> (usize, String) {
        let shipped = self.shipped().and_then(|shipped| ShippedRole::ALL.iter().position(|one| *one == shipped));
        (shipped.unwrap_or(usize::MAX), name_key(&self.row.name))
    }
}

/// Read with a column `grants` beside those of the role.
impl FromQueryResult for Role {
    fn from_query_result(found: &QueryResult, prefix: &str) -> std::result::Result<Self, DbErr> {
        let row = role::Model::from_query_result(found, prefix)?;
        let own: Option<String> = found.try_get(prefix, "grants")?;
        let shipped = row.key.as_deref().and_then(ShippedRole::of_key);
        let grants = shipped.map_or_else(|| Grants::of_text(&own.unwrap_or_default()), ShippedRole::grants);
        Ok(Self { row, grants })
    }
}

/// Puts roles in the order they are shown in.
pub fn in_order(mut roles: Vec<Role>) -> Vec<Role> {
    roles.sort_by_cached_key(Role::place);
    roles
}

/// All roles of the organisation.
pub async fn page(scope: &Scope, args: &PageArgs) -> Result<Page<Role>> {
    scope.require(Permission::IdentityMemberRead)?;
    page_of(all(scope).await?, args)
}

/// A page of the roles of one member, invitation or rule.
pub fn page_of(roles: Vec<Role>, args: &PageArgs) -> Result<Page<Role>> {
    Page::of_all(in_order(roles), args, |role| role.row.id.0)
}

pub async fn find(scope: &Scope, id: RoleId) -> Result<Option<Role>> {
    scope.require(Permission::IdentityMemberRead)?;
    scope.statement(sql!("one.sql")).bind("id", id).one().await
}

/// The roles each of these members holds.
pub async fn of_members(scope: &Scope, ids: &[MembershipId]) -> Result<HashMap<MembershipId, Vec<Role>>> {
    let held: Vec<Held> = scope.statement(sql!("of_members.sql")).ids("ids", ids.iter().copied()).all().await?;
    let mut roles: HashMap<MembershipId, Vec<Role>> = HashMap::new();
    for Held { membership_id, role } in held {
        roles.entry(membership_id).or_default().push(role);
    }
    Ok(roles)
}

/// The roles each of these invitations gives.
pub async fn of_invitations(scope: &Scope, ids: &[InvitationId]) -> Result<HashMap<InvitationId, Vec<Role>>> {
    let given: Vec<Given> = scope.statement(sql!("of_invitations.sql")).ids("ids", ids.iter().copied()).all().await?;
    let mut roles: HashMap<InvitationId, Vec<Role>> = HashMap::new();
    for Given { invitation_id, role } in given {
        roles.entry(invitation_id).or_default().push(role);
    }
    Ok(roles)
}

#[derive(FromQueryResult)]
struct Given {
    invitation_id: InvitationId,
    #[sea_orm(nested)]
    role: Role,
}

#[derive(FromQueryResult)]
struct Held {
    membership_id: MembershipId,
    #[sea_orm(nested)]
    role: Role,
}

async fn all(on: &impl Reads) -> Result<Vec<Role>> {
    on.statement(sql!("all.sql")).all().await
}
