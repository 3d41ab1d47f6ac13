//! What some members decide about others.

use super::decision::Decision;
use super::news;
use super::status::Act;
use crate::alerts::rules;
use crate::audit::NewAudit;
use crate::identity::{Permission, ShippedRole, security_events, teams};
use crate::{Code, Error, Refusals, Result, Scope};
use entities::identity::membership::{self, MembershipStatus};
use entities::identity::security_event::SecurityEventKind;
use entities::identity::{MembershipId, RoleId};

/// Most roles of a member.
pub(in crate::identity) const MOST_ROLES: usize = 20;

/// Gives a member these roles in place of those they hold. Whoever gives or takes one has all of its rights.
pub async fn set_roles(scope: &Scope, id: MembershipId, roles: &[RoleId], version: Option<i64>) -> Result<membership::Model> {
    scope.require(Permission::IdentityMemberManage)?;
    scope.require_proof()?;
    let txn = scope.begin().await?;
    let case = Decision::about(&txn, Permission::IdentityMemberManage, id, version).await?;
    if case.member.status == MembershipStatus::Left {
        return case.refuse("id", "member-has-left");
    }
    let mut refusals = Refusals::default();
    let wanted = case.rights.named(&txn, roles, &mut refusals);
    if wanted.len() > MOST_ROLES {
        refusals.add(Code::LimitReached, "roleIds", txn.locale().say("list-full", &[("most", MOST_ROLES.to_string())]));
    }
    let taken: Vec<RoleId> = case.held.iter().copied().filter(|role| !wanted.contains(role)).collect();
    let given: Vec<RoleId> = wanted.iter().copied().filter(|role| !case.held.contains(role)).collect();
    case.rights.check_reach(&txn, taken.iter().chain(&given).copied(), "roleIds", &mut refusals);
    refusals.check()?;
    if taken.contains(&case.rights.owner()) {
        case.leave_an_owner("roleIds").await?;
    }
    case.take(&taken).await?;
    case.give(&given).await?;
    let member = case.save(case.member.status).await?;
    let names = |ids: &[RoleId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let act = NewAudit::of("identity.member.set_roles").on("Membership", member.id);
    txn.audit(act.with("given", names(&given)).with("taken", names(&taken)));
    security_events::write_in(&txn, member.user_id, SecurityEventKind::RightsChanged, None).await?;
    news::roles_set(&txn, &member, wanted.iter().filter_map(|role| case.rights.get(*role))).await?;
    txn.commit().await?;
    scope.app().standings().forget();
    Ok(member)
}

/// Closes the organisation to a member; their roles wait.
pub async fn suspend(scope: &Scope, id: MembershipId, version: Option<i64>) -> Result<membership::Model> {
    change(scope, id, version, Act::Suspend).await
}

/// Opens it to them again.
pub async fn reactivate(scope: &Scope, id: MembershipId, version: Option<i64>) -> Result<membership::Model> {
    change(scope, id, version, Act::Reactivate).await
}

/// Ends a membership. What the member did stays theirs.
pub async fn remove(scope: &Scope, id: MembershipId, version: Option<i64>) -> Result<membership::Model> {
    change(scope, id, version, Act::Remove).await
}

async fn change(scope: &Scope, id: MembershipId, version: Option<i64>, act: Act) -> Result<membership::Model> {
    scope.require(Permission::IdentityMemberManage)?;
    if !act.ends_sessions() {
        // It gives rights.
        scope.require_proof_of_person()?;
    }
    let txn = scope.begin().await?;
    let case = Decision::about(&txn, Permission::IdentityMemberManage, id, version).await?;
    if case.is_the_actor() {
        return case.refuse("id", "member-yourself");
    }
    if !case.rights.reach_all(&case.held) {
        return case.refuse("id", "member-beyond-yours");
    }
    let member = apply(&case, act, "id").await?;
    txn.commit().await?;
    scope.app().standings().forget();
    Ok(member)
}

/// Lets the act happen, if it leaves the organisation an owner, and tells the member.
pub(super) async fn apply(case: &Decision<'_>, act: Act, path: &str) -> Result<membership::Model> {
    let status = case.after(act, path)?;
    if act.ends_sessions() {
        if case.owns() {
            case.leave_an_owner(path).await?;
        }
        case.end_sessions("no longer active in the organisation").await?;
    }
    if act.ends_rights() {
        case.take(&case.held).await?;
        rules::forget_member(case.txn, case.member.id).await?;
        teams::forget_member(case.txn, case.member.id).await?;
    }
    let member = case.save(status).await?;
    case.txn.audit(NewAudit::of(act.audited()).on("Membership", member.id));
    security_events::write_in(case.txn, member.user_id, SecurityEventKind::RightsChanged, None).await?;
    news::changed(case.txn, &member, act).await?;
    Ok(member)
}

/// Makes another member an owner in the place of the actor, who stays as an administrator.
pub async fn transfer(scope: &Scope, id: MembershipId, version: Option<i64>) -> Result<membership::Model> {
    scope.require(Permission::IdentityOwnershipTransfer)?;
    scope.require_proof()?;
    let txn = scope.begin().await?;
    let case = Decision::about(&txn, Permission::IdentityOwnershipTransfer, id, version).await?;
    // A copy of the owners' role has the right, and is not the role.
    let Some(me) = txn.membership().filter(|_| case.rights.owns()) else {
        return Err(Error::Forbidden(Permission::IdentityOwnershipTransfer.code()));
    };
    if case.is_the_actor() {
        return case.refuse("id", "member-yourself");
    }
    if case.member.status != MembershipStatus::Active {
        return case.refuse("id", "member-not-active");
    }
    let (owner, administrator) = (case.rights.owner(), case.rights.shipped(ShippedRole::Administrator)?);
    case.give(&[owner]).await?;
    let member = case.save(MembershipStatus::Active).await?;
    let mine = Decision::with(&txn, case.rights, me).await?;
    mine.take(&[owner]).await?;
    mine.give(&[administrator]).await?;
    let before = mine.save(MembershipStatus::Active).await?;
    txn.audit(NewAudit::of("identity.ownership.transfer").on("Membership", member.id));
    for user in [before.user_id, member.user_id] {
        security_events::write_in(&txn, user, SecurityEventKind::RightsChanged, None).await?;
    }
    news::handed_over(&txn, &before, &member).await?;
    txn.commit().await?;
    scope.app().standings().forget();
    Ok(member)
}
