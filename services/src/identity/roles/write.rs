//! Making, changing and deleting an organisation's own roles.

use super::hold::Rights;
use super::{Role, name_key};
use crate::alerts::rules;
use crate::audit::NewAudit;
use crate::identity::account::check_text;
use crate::identity::{Grants, Permission, Reach, ShippedRole};
use crate::locale::Locale;
use crate::scope::{Column, TenantTx};
use crate::{Code, Error, Reads, Refusals, Result, Scope, sql};
use entities::identity::{RoleGrantId, RoleId, role};
use sea_orm::ActiveValue::{Set, Unchanged};

/// A role of one's own: what it grants is listed, or copied from another.
#[derive(Clone, Debug, Default)]
pub struct NewRole {
    pub name: String,
    pub copy_of: Option<RoleId>,
    pub grants: Option<Vec<(Permission, Reach)>>,
}

/// What to change of a role; an absent field stays.
#[derive(Clone, Debug, Default)]
pub struct RoleChange {
    pub name: Option<String>,
    pub grants: Option<Vec<(Permission, Reach)>>,
    pub expected_version: Option<i64>,
}

/// Most own roles of an organisation.
const MOST: usize = 100;
const LONGEST_NAME: usize = 80;

/// Adds a role of the organisation's own.
pub async fn create(scope: &Scope, input: NewRole) -> Result<Role> {
    scope.require(Permission::IdentityRoleWrite)?;
    scope.require_proof()?;
    let txn = scope.begin().await?;
    let rights = Rights::hold(&txn, Permission::IdentityRoleWrite).await?;
    if rights.all().filter(|role| role.shipped().is_none()).count() >= MOST {
        return Err(Error::refuse(Code::LimitReached, "", txn.locale().say("list-full", &[("most", MOST.to_string())])));
    }
    let mut refusals = Refusals::default();
    let name = check_name(&rights, &input.name, None, txn.locale(), &mut refusals);
    let grants = match (input.copy_of, input.grants) {
        (Some(_), Some(_)) | (None, None) => {
            refusals.add(Code::Invalid, "permissions", txn.locale().say("role-permissions-or-copy", &[]));
            Grants::default()
        }
        (Some(id), None) => copied(&rights, id, txn.locale(), &mut refusals),
        (None, Some(listed)) => check_grants(&rights, &listed, txn.locale(), &mut refusals),
    };
    refusals.check()?;
    let row = role::ActiveModel {
        id: Set(txn.new_id()),
        key: Set(None),
        name: Set(name),
        version: Set(1),
        created_at: Set(txn.now()),
        ..Default::default()
    };
    let row = txn.insert(row).await.map_err(|e| taken(e, txn.locale()))?;
    write_grants(&txn, row.id, &grants).await?;
    let act = NewAudit::of("identity.role.create").on("Role", row.id).with("name", row.name.as_str());
    txn.audit(act.with("permissions", said(&grants)));
    txn.commit().await?;
    Ok(Role { row, grants })
}

/// Permissions and how far they reach, as the audit log keeps them.
fn said(grants: &Grants) -> Vec<String> {
    grants.iter().map(|(permission, reach)| format!("{} {}", permission.code(), reach.code())).collect()
}

/// Changes a role of the organisation's own; whoever holds it has the new rights within a second.
pub async fn update(scope: &Scope, id: RoleId, change: RoleChange) -> Result<Role> {
    scope.require(Permission::IdentityRoleWrite)?;
    scope.require_proof()?;
    let txn = scope.begin().await?;
    let rights = Rights::hold(&txn, Permission::IdentityRoleWrite).await?;
    let old = own(&rights, id, txn.locale())?;
    if change.expected_version.is_some_and(|version| version != old.row.version) {
        return Err(Error::refuse(Code::StaleVersion, "expectedVersion", txn.locale().say("stale-version", &[])));
    }
    let mut refusals = Refusals::default();
    let name = change.name.map(|name| check_name(&rights, &name, Some(id), txn.locale(), &mut refusals));
    let grants = change.grants.map(|listed| check_grants(&rights, &listed, txn.locale(), &mut refusals));
    if grants.as_ref().is_some_and(|grants| locks_out(&rights, id, grants)) && refusals.is_empty() {
        refusals.add(Code::ForbiddenState, "permissions", txn.locale().say("role-locks-you-out", &[]));
    }
    refusals.check()?;
    let row = role::ActiveModel {
        id: Unchanged(id),
        name: Set(name.unwrap_or_else(|| old.row.name.clone())),
        version: Set(old.row.version + 1),
        ..Default::default()
    };
    let row = txn.update(row).await.map_err(|e| taken(e, txn.locale()))?;
    if let Some(grants) = &grants {
        txn.statement(sql!("drop_grants.sql")).bind("role", id).run().await?;
        write_grants(&txn, id, grants).await?;
    }
    let grants = grants.unwrap_or_else(|| old.grants.clone());
    let act = NewAudit::of("identity.role.update").on("Role", id).change("name", old.row.name.as_str(), row.name.as_str());
    txn.audit(act.change("permissions", said(&old.grants), said(&grants)));
    txn.commit().await?;
    scope.app().standings().forget();
    Ok(Role { row, grants })
}

/// Deletes a role of the organisation's own that nobody holds, and that no invitation gives.
pub async fn delete(scope: &Scope, id: RoleId) -> Result<RoleId> {
    scope.require(Permission::IdentityRoleWrite)?;
    scope.require_proof()?;
    let txn = scope.begin().await?;
    let rights = Rights::hold(&txn, Permission::IdentityRoleWrite).await?;
    own(&rights, id, txn.locale())?;
    let holders = txn.statement(sql!("holders.sql")).bind("role", id).value::<i64>().await?.unwrap_or(0);
    let named = txn.statement(sql!("named.sql")).bind("role", id).bind("now", txn.now()).value::<i64>().await?.unwrap_or(0);
    if holders + named > 0 {
        let counts = [("members", holders.to_string()), ("invitations", named.to_string())];
        let held = txn.locale().say("role-held", &counts);
        return Err(Error::refuse(Code::ForbiddenState, "id", held));
    }
    rules::forget_role(&txn, id).await?;
    txn.delete::<role::Entity>(id).await?;
    txn.audit(NewAudit::of("identity.role.delete").on("Role", id));
    txn.commit().await?;
    Ok(id)
}

/// A role that is the organisation's own, and the actor's to change.
fn own(rights: &Rights, id: RoleId, locale: Locale) -> Result<&Role> {
    let role = rights.get(id).ok_or_else(|| Error::refuse(Code::NotFound, "id", locale.say("role-unknown", &[])))?;
    if role.row.key.is_some() {
        return Err(Error::refuse(Code::ForbiddenState, "id", locale.say("role-is-shipped", &[])));
    }
    if !rights.reach(role) {
        let beyond = locale.say("role-beyond-yours", &[("role", role.name(locale))]);
        return Err(Error::refuse(Code::ForbiddenState, "id", beyond));
    }
    Ok(role)
}

/// Whether the editor could edit no role any more.
fn locks_out(rights: &Rights, id: RoleId, grants: &Grants) -> bool {
    !rights.owns() && !rights.mine_with(id, grants).allow(Permission::IdentityRoleWrite)
}

fn copied(rights: &Rights, id: RoleId, locale: Locale, refusals: &mut Refusals) -> Grants {
    match rights.get(id) {
        None => refusals.add(Code::NotFound, "copyOf", locale.say("role-unknown", &[])),
        Some(role) if !rights.cover(&role.grants) => {
            refusals.add(Code::ForbiddenState, "copyOf", locale.say("role-beyond-yours", &[("role", role.name(locale))]));
        }
        Some(role) => return role.grants.clone(),
    }
    Grants::default()
}

/// What is listed, if it is the actor's to grant and the permission's to reach so far.
fn check_grants(rights: &Rights, listed: &[(Permission, Reach)], locale: Locale, refusals: &mut Refusals) -> Grants {
    let mut grants = Grants::default();
    for (permission, reach) in listed {
        let what = [("permission", permission.describe(locale))];
        let mut one = Grants::default();
        one.add(*permission, *reach);
        if !permission.reaches().contains(reach) {
            refusals.add(Code::OutOfRange, "permissions", locale.say("permission-reach", &what));
        } else if !rights.cover(&one) {
            refusals.add(Code::ForbiddenState, "permissions", locale.say("permission-beyond-yours", &what));
        }
        grants.add_all(&one);
    }
    grants
}

/// A name that no other role has, nor a shipped one in any language, case and accents aside.
fn check_name(rights: &Rights, name: &str, of: Option<RoleId>, locale: Locale, refusals: &mut Refusals) -> String {
    let name = check_text(name, "name", LONGEST_NAME, locale, refusals);
    let key = name_key(&name);
    let languages = [Locale::Fr, Locale::En, Locale::Wo];
    let shipped = ShippedRole::ALL.iter().any(|role| languages.iter().any(|language| name_key(&role.name(*language)) == key));
    let other = rights.all().filter(|role| role.row.key.is_none() && Some(role.row.id) != of).any(|role| name_key(&role.row.name) == key);
    if shipped || other {
        refusals.add(Code::AlreadyExists, "name", locale.say("role-name-taken", &[]));
    }
    name
}

fn taken(error: Error, locale: Locale) -> Error {
    error.or_refuse_duplicate("name", "name", locale.say("role-name-taken", &[]))
}

async fn write_grants(txn: &TenantTx<'_>, role: RoleId, grants: &Grants) -> Result<()> {
    let all: Vec<(Permission, Reach)> = grants.iter().collect();
    if all.is_empty() {
        return Ok(());
    }
    let columns = vec![
        Column::uuids(all.iter().map(|_| txn.new_id::<RoleGrantId>())),
        Column::texts(all.iter().map(|(permission, _)| permission.code())),
        Column::texts(all.iter().map(|(_, reach)| reach.code())),
    ];
    txn.statement(sql!("insert_grants.sql")).rows("g", columns).bind("role", role).run().await.map(drop)
}
