//! Service accounts: members that are no people, for programs of the organisation's own.
//!
//! One is a membership of its own kind, so that roles, rights, the audit log and the ledger of movements know it as they know any
//! member, and a user that nobody can be: it has no password, and an address that is random, leads nowhere and is shown to nobody.
//! Rules that always hold:
//! - It comes with API tokens alone, made for it by whoever may write service accounts and has all rights of its roles.
//! - It is not among the members, hears of no alert, and is never an owner.
//! - Suspended, its tokens wait; removed, they and its roles are over. What it did stays its own.

use super::members::{Decision, MOST_ROLES, give};
use super::roles::Rights;
use super::{Permission, api_tokens, check_text};
use crate::audit::NewAudit;
use crate::page::{Page, PageArgs, Sort};
use crate::scope::TenantTx;
use crate::{Code, Error, Reads, Refusals, Result, Scope, sql};
use entities::identity::membership::{self, MembershipKind, MembershipStatus};
use entities::identity::{MembershipId, RoleId, ServiceAccountId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;

/// A service account to be.
#[derive(Clone, Debug, Default)]
pub struct NewServiceAccount {
    pub name: String,
    pub roles: Vec<RoleId>,
}

/// What to change of one; an absent field stays.
#[derive(Clone, Debug, Default)]
pub struct ServiceAccountChange {
    pub name: Option<String>,
    pub roles: Option<Vec<RoleId>>,
    pub suspended: Option<bool>,
    pub expected_version: Option<i64>,
}

const WRITE: Permission = Permission::IdentityServiceAccountWrite;
const LONGEST_NAME: usize = 80;
/// Most service accounts of an organisation.
const MOST: i64 = 100;
/// Where the addresses of service accounts lead: nowhere (RFC 2606).
const NOWHERE: &str = "@service.invalid";

/// The organisation's service accounts, the first made first.
pub async fn page(scope: &Scope, args: &PageArgs) -> Result<Page<membership::Model>> {
    scope.require(Permission::IdentityMemberRead)?;
    let services = scope.select::<membership::Entity>().filter(membership::Column::Kind.eq(MembershipKind::Service));
    let services = services.filter(membership::Column::Status.ne(MembershipStatus::Left));
    services.page(args, &[Sort::ascending(membership::Column::CreatedAt)]).await
}

pub async fn find(scope: &Scope, id: ServiceAccountId) -> Result<Option<membership::Model>> {
    scope.require(Permission::IdentityMemberRead)?;
    let found = scope.find::<membership::Entity>(MembershipId(id.0)).await?;
    Ok(found.filter(|member| member.kind == MembershipKind::Service))
}

/// Whether an address is one of a service account, which is nobody's business.
pub fn is_address_of_one(address: &str) -> bool {
    address.ends_with(NOWHERE)
}

/// Makes a service account with roles whose rights the actor has.
pub async fn create(scope: &Scope, input: NewServiceAccount) -> Result<membership::Model> {
    scope.require(WRITE)?;
    scope.require_proof()?;
    let txn = scope.begin().await?;
    let rights = Rights::hold(&txn, WRITE).await?;
    if txn.statement(sql!("service_accounts.sql")).value::<i64>().await?.unwrap_or(0) >= MOST {
        return Err(Error::refuse(Code::LimitReached, "", txn.locale().say("list-full", &[("most", MOST.to_string())])));
    }
    let mut refusals = Refusals::default();
    let name = check_text(&input.name, "name", LONGEST_NAME, txn.locale(), &mut refusals);
    let roles = check_roles(&txn, &rights, &input.roles, &[], &mut refusals);
    refusals.check()?;
    let member = write(&txn, &name).await?;
    give(&txn, member.id, &roles).await?;
    let act = NewAudit::of("identity.service_account.create").on("ServiceAccount", member.id).with("name", name);
    txn.audit(act.with("roles", listed(&roles)));
    txn.commit().await?;
    Ok(member)
}

async fn write(txn: &TenantTx<'_>, name: &str) -> Result<membership::Model> {
    let user: UserId = txn.new_id();
    let address = format!("{}{NOWHERE}", hex::encode(txn.app().random().bytes::<16>()));
    let insert = txn.statement(sql!("insert_service_user.sql")).bind("user", user).bind("email", address);
    insert.bind("name", name.to_owned()).bind("now", txn.now()).run().await?;
    let row = membership::ActiveModel {
        id: Set(txn.new_id()),
        user_id: Set(user),
        kind: Set(MembershipKind::Service),
        status: Set(MembershipStatus::Active),
        version: Set(1),
        created_at: Set(txn.now()),
        updated_at: Set(txn.now()),
        ..Default::default()
    };
    txn.insert(row).await
}

/// The roles wanted, if what is given and what is taken is the actor's to give and take. An owner is a person.
fn check_roles(txn: &TenantTx<'_>, rights: &Rights, ids: &[RoleId], held: &[RoleId], refusals: &mut Refusals) -> Vec<RoleId> {
    let wanted = rights.named(txn, ids, refusals);
    if wanted.len() > MOST_ROLES {
        refusals.add(Code::LimitReached, "roleIds", txn.locale().say("list-full", &[("most", MOST_ROLES.to_string())]));
    }
    if wanted.contains(&rights.owner()) {
        refusals.add(Code::ForbiddenState, "roleIds", txn.locale().say("service-account-owner", &[]));
    }
    let changed = wanted.iter().filter(|role| !held.contains(role)).chain(held.iter().filter(|role| !wanted.contains(role)));
    rights.check_reach(txn, changed.copied(), "roleIds", refusals);
    wanted
}

fn listed(roles: &[RoleId]) -> Vec<String> {
    roles.iter().map(ToString::to_string).collect()
}

/// Renames a service account, gives it other roles, suspends it or lets it go on.
pub async fn update(scope: &Scope, id: ServiceAccountId, change: ServiceAccountChange) -> Result<membership::Model> {
    scope.require(WRITE)?;
    scope.require_proof()?;
    let txn = scope.begin().await?;
    let case = about(&txn, id, change.expected_version).await?;
    let mut refusals = Refusals::default();
    let name = change.name.map(|name| check_text(&name, "name", LONGEST_NAME, txn.locale(), &mut refusals));
    let roles = change.roles.map(|roles| check_roles(&txn, &case.rights, &roles, &case.held, &mut refusals));
    refusals.check()?;
    let mut act = NewAudit::of("identity.service_account.update").on("ServiceAccount", id);
    if let Some(name) = name {
        txn.statement(sql!("rename_service.sql"))
            .bind("id", case.member.id)
            .bind("name", name.clone())
            .bind("now", txn.now())
            .run()
            .await?;
        act = act.with("name", name);
    }
    if let Some(roles) = roles {
        let missing = |from: &[RoleId], of: &[RoleId]| -> Vec<RoleId> { from.iter().copied().filter(|role| !of.contains(role)).collect() };
        case.take(&missing(&case.held, &roles)).await?;
        case.give(&missing(&roles, &case.held)).await?;
        act = act.change("roles", listed(&case.held), listed(&roles));
    }
    let status = match change.suspended {
        Some(true) => MembershipStatus::Suspended,
        Some(false) => MembershipStatus::Active,
        None => case.member.status,
    };
    let act = act.change("suspended", case.member.status == MembershipStatus::Suspended, status == MembershipStatus::Suspended);
    let member = case.save(status).await?;
    txn.audit(act);
    txn.commit().await?;
    scope.app().standings().forget();
    Ok(member)
}

/// Ends a service account with its roles and tokens.
pub async fn remove(scope: &Scope, id: ServiceAccountId, version: Option<i64>) -> Result<membership::Model> {
    scope.require(WRITE)?;
    let txn = scope.begin().await?;
    let case = about(&txn, id, version).await?;
    case.take(&case.held).await?;
    api_tokens::end_of_member(&txn, case.member.id).await?;
    let member = case.save(MembershipStatus::Left).await?;
    txn.audit(NewAudit::of("identity.service_account.remove").on("ServiceAccount", id));
    txn.commit().await?;
    scope.app().standings().forget();
    Ok(member)
}

/// A service account that is there, and the actor's to decide about: they have all rights of its roles.
pub(super) async fn about<'a>(txn: &'a TenantTx<'a>, id: ServiceAccountId, version: Option<i64>) -> Result<Decision<'a>> {
    let unknown = || Error::refuse(Code::NotFound, "id", txn.locale().say("service-account-unknown", &[]));
    let case = Decision::about_a(MembershipKind::Service, txn, WRITE, MembershipId(id.0), version).await;
    let case = case.map_err(|error| if matches!(error, Error::NotFound) { unknown() } else { error })?;
    if case.member.status == MembershipStatus::Left {
        return Err(unknown());
    }
    if case.rights.reach_all(&case.held) { Ok(case) } else { case.refuse("id", "member-beyond-yours") }
}
