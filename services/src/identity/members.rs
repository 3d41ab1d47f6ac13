//! Who belongs to the organisation, and with which roles.

use super::{Grants, Permission, Reach, ShippedRole};
use crate::page::{Page, PageArgs, Sort};
use crate::{Reads, Result, Scope, sql};
use entities::identity::{MembershipId, RoleId, UserId, membership, role, role_grant, user};
use sea_orm::ColumnTrait;
use std::collections::HashMap;

/// The organisation's members, the first joined first.
pub async fn page(scope: &Scope, args: &PageArgs) -> Result<Page<membership::Model>> {
    scope.require(Permission::IdentityMemberRead)?;
    scope.select::<membership::Entity>().page(args, &[Sort::ascending(membership::Column::CreatedAt)]).await
}

pub async fn find(scope: &Scope, id: MembershipId) -> Result<Option<membership::Model>> {
    scope.require(Permission::IdentityMemberRead)?;
    scope.find::<membership::Entity>(id).await
}

/// These members, for a page that shows who did something; whoever sees the deed sees the doer.
pub async fn by_ids(scope: &Scope, ids: &[MembershipId]) -> Result<HashMap<MembershipId, membership::Model>> {
    scope.by_ids::<membership::Entity>(ids).await
}

/// The people behind memberships of this organisation.
pub async fn users(scope: &Scope, ids: &[UserId]) -> Result<HashMap<UserId, user::Model>> {
    let rows: Vec<user::Model> = scope.statement(sql!("users_of_tenant.sql")).ids("ids", ids.iter().copied()).all().await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// One's own membership, which needs no permission to see.
pub async fn mine(scope: &Scope, id: MembershipId) -> Result<Option<membership::Model>> {
    if scope.membership() == Some(id) { scope.find::<membership::Entity>(id).await } else { Ok(None) }
}

#[derive(sea_orm::FromQueryResult)]
struct Held {
    membership_id: MembershipId,
    #[sea_orm(nested)]
    role: role::Model,
}

/// The roles each of these members holds, the shipped ones first.
pub async fn roles_of(scope: &Scope, ids: &[MembershipId]) -> Result<HashMap<MembershipId, Vec<role::Model>>> {
    let held: Vec<Held> = scope.statement(sql!("roles_of_members.sql")).ids("ids", ids.iter().copied()).all().await?;
    let mut roles: HashMap<MembershipId, Vec<role::Model>> = HashMap::new();
    for Held { membership_id, role } in held {
        roles.entry(membership_id).or_default().push(role);
    }
    Ok(roles)
}

/// A page of the roles of one member.
pub fn roles_page(held: Vec<role::Model>, args: &PageArgs) -> Result<Page<role::Model>> {
    Page::of_all(held, args, |role| role.id.0)
}

pub async fn find_role(scope: &Scope, id: RoleId) -> Result<Option<role::Model>> {
    scope.require(Permission::IdentityMemberRead)?;
    scope.find::<role::Entity>(id).await
}

/// What a role allows: a shipped one what the product says, an own one what its rows say.
pub async fn grants_of(scope: &Scope, role: &role::Model) -> Result<Grants> {
    if let Some(shipped) = role.key.as_deref().and_then(ShippedRole::of_key) {
        return Ok(shipped.grants());
    }
    let mut grants = Grants::default();
    for row in scope.select::<role_grant::Entity>().filter(role_grant::Column::RoleId.eq(role.id)).all().await? {
        if let Some((permission, reach)) = Permission::of_code(&row.permission).zip(Reach::of_code(&row.reach)) {
            grants.add(permission, reach);
        }
    }
    Ok(grants)
}

/// A person of the organisation.
pub async fn user(scope: &Scope, id: UserId) -> Result<Option<user::Model>> {
    if scope.user() != Some(id) {
        scope.require(Permission::IdentityMemberRead)?;
    }
    Ok(users(scope, &[id]).await?.remove(&id))
}
