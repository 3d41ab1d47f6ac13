//! Inviting, inviting again, and taking an invitation back.

use super::letter::send;
use super::{InvitationState, LIFE, token};
use crate::audit::NewAudit;
use crate::identity::Permission;
use crate::identity::account::{check_email, check_prose, check_text, email};
use crate::identity::members::MOST_ROLES;
use crate::identity::roles::Rights;
use crate::notifications::letters::Link;
use crate::scope::{Column, TenantTx};
use crate::{Code, Error, Reads, Refusals, Result, Scope, sql};
use chrono::TimeDelta;
use entities::identity::{InvitationId, InvitationRoleId, MembershipId, RoleId, invitation};
use sea_orm::ActiveValue::{Set, Unchanged};

/// Whom to invite, as what.
#[derive(Clone, Debug, Default)]
pub struct NewInvitation {
    pub email: String,
    pub roles: Vec<RoleId>,
    /// How the letter addresses them.
    pub display_name: Option<String>,
    /// In the inviter's words.
    pub message: Option<String>,
}

/// Most invitations of an organisation that wait for an answer.
const MOST_PENDING: i64 = 100;
/// Most letters of an organisation's invitations of one day.
const MOST_LETTERS: i64 = 200;
/// Most of them to one address.
const MOST_LETTERS_THERE: i64 = 5;
/// How often one invitation is sent.
const MOST_SENT: i64 = 5;
const LONGEST_MESSAGE: usize = 1_000;

/// Invites somebody, whether or not they have an account.
pub async fn create(scope: &Scope, input: NewInvitation) -> Result<invitation::Model> {
    create_and_tell(scope, input).await.map(|(row, _)| row)
}

/// The same, with the link that nobody but the invited person is told.
pub(crate) async fn create_and_tell(scope: &Scope, input: NewInvitation) -> Result<(invitation::Model, Link)> {
    scope.require(Permission::IdentityMemberInvite)?;
    scope.require_proof_of_person()?;
    let txn = scope.begin().await?;
    let rights = Rights::hold(&txn, Permission::IdentityMemberInvite).await?;
    let (input, refusals) = check(&txn, &rights, input);
    refusals.check()?;
    check_counts(&txn, &input.email, InvitationId::NIL).await?;
    let (now, link) = (txn.now(), token::new(txn.app()));
    let row = invitation::ActiveModel {
        id: Set(txn.new_id()),
        email: Set(input.email),
        display_name: Set(input.display_name),
        message: Set(input.message),
        token_hash: Set(token::hash(txn.app(), link)),
        invited_by: Set(inviter(&txn)?),
        letters: Set(1),
        created_at: Set(now),
        sent_at: Set(now),
        expires_at: Set(now.plus(LIFE)),
        ..Default::default()
    };
    let row = txn.insert(row).await?;
    let columns =
        vec![Column::uuids(input.roles.iter().map(|_| txn.new_id::<InvitationRoleId>())), Column::uuids(input.roles.iter().copied())];
    txn.statement(sql!("insert_roles.sql")).rows("x", columns).bind("invitation", row.id).run().await?;
    send(&txn, &row, link).await?;
    txn.audit(NewAudit::of("identity.invitation.create").on("Invitation", row.id));
    txn.commit().await?;
    Ok((row, link))
}

/// Sends an invitation again, with a new token and seven more days; one that has expired, too.
pub async fn resend(scope: &Scope, id: InvitationId) -> Result<invitation::Model> {
    resend_and_tell(scope, id).await.map(|(row, _)| row)
}

/// The same, with the new link.
pub(crate) async fn resend_and_tell(scope: &Scope, id: InvitationId) -> Result<(invitation::Model, Link)> {
    scope.require(Permission::IdentityMemberInvite)?;
    scope.require_proof_of_person()?;
    let txn = scope.begin().await?;
    let old = mine_to_decide(&txn, id, &[InvitationState::Pending, InvitationState::Expired]).await?;
    if old.letters >= MOST_SENT {
        return full(&txn, "id", "invitation-sent-often", MOST_SENT);
    }
    check_counts(&txn, &old.email, id).await.map_err(|e| e.rename_path("email", "id"))?;
    let (now, link) = (txn.now(), token::new(txn.app()));
    let row = invitation::ActiveModel {
        id: Unchanged(id),
        token_hash: Set(token::hash(txn.app(), link)),
        invited_by: Set(inviter(&txn)?),
        letters: Set(old.letters + 1),
        sent_at: Set(now),
        expires_at: Set(now.plus(LIFE)),
        ..Default::default()
    };
    let row = txn.update(row).await?;
    send(&txn, &row, link).await?;
    txn.audit(NewAudit::of("identity.invitation.resend").on("Invitation", row.id));
    txn.commit().await?;
    Ok((row, link))
}

/// Takes an invitation back that nobody has answered.
pub async fn revoke(scope: &Scope, id: InvitationId) -> Result<invitation::Model> {
    scope.require(Permission::IdentityMemberInvite)?;
    let txn = scope.begin().await?;
    mine_to_decide(&txn, id, &[InvitationState::Pending]).await?;
    let row = invitation::ActiveModel { id: Unchanged(id), revoked_at: Set(Some(txn.now())), ..Default::default() };
    let row = txn.update(row).await?;
    txn.audit(NewAudit::of("identity.invitation.revoke").on("Invitation", row.id));
    txn.commit().await?;
    Ok(row)
}

/// The input as it is kept, and what is wrong with it.
fn check(txn: &TenantTx<'_>, rights: &Rights, mut input: NewInvitation) -> (NewInvitation, Refusals) {
    let (locale, mut refusals) = (txn.locale(), Refusals::default());
    input.email = email(&input.email);
    check_email(&input.email, locale, &mut refusals);
    input.display_name = input.display_name.map(|name| check_text(&name, "displayName", 120, locale, &mut refusals));
    input.message = input.message.map(|text| check_prose(&text, "message", LONGEST_MESSAGE, locale, &mut refusals));
    input.roles = rights.named(txn, &input.roles, &mut refusals);
    if input.roles.len() > MOST_ROLES {
        refusals.add(Code::LimitReached, "roleIds", locale.say("list-full", &[("most", MOST_ROLES.to_string())]));
    }
    rights.check_reach(txn, input.roles.iter().copied(), "roleIds", &mut refusals);
    (input, refusals)
}

#[derive(sea_orm::FromQueryResult)]
struct Counts {
    pending: i64,
    /// Other open ones of the same address.
    waiting: i64,
    letters: i64,
    letters_there: i64,
    members: i64,
}

/// Refuses who is a member or invited already, and what would be too many.
async fn check_counts(txn: &TenantTx<'_>, email: &str, but: InvitationId) -> Result<()> {
    let now = txn.now();
    let counts = txn.statement(sql!("counts.sql")).bind("email", email.to_owned()).bind("but", but);
    let counts = counts.bind("day", now.minus(TimeDelta::days(1))).bind("week", now.minus(LIFE)).one::<Counts>().await?;
    let counts = counts.ok_or_else(|| Error::internal("nothing was counted"))?;
    let exists = |key| Err(Error::refuse(Code::AlreadyExists, "email", txn.locale().say(key, &[])));
    match counts {
        Counts { members: 1.., .. } => exists("invitation-of-a-member"),
        Counts { waiting: 1.., .. } => exists("invitation-waits"),
        Counts { pending: MOST_PENDING.., .. } => full(txn, "", "invitations-pending", MOST_PENDING),
        Counts { letters: MOST_LETTERS.., .. } => full(txn, "", "invitations-of-a-day", MOST_LETTERS),
        Counts { letters_there: MOST_LETTERS_THERE.., .. } => full(txn, "email", "invitations-to-an-address", MOST_LETTERS_THERE),
        _ => Ok(()),
    }
}

fn full<T>(txn: &TenantTx<'_>, path: &str, key: &str, most: i64) -> Result<T> {
    Err(Error::refuse(Code::LimitReached, path, txn.locale().say(key, &[("most", most.to_string())])))
}

/// An invitation in one of these states whose roles the actor may give, held to the commit.
async fn mine_to_decide(txn: &TenantTx<'_>, id: InvitationId, states: &[InvitationState]) -> Result<invitation::Model> {
    let rights = Rights::hold(txn, Permission::IdentityMemberInvite).await?;
    let unknown = || txn.locale().say("invitation-missing", &[]);
    let row = txn.lock::<invitation::Entity>(id).await.map_err(|e| e.or_refuse_missing("id", unknown()))?;
    let roles = roles_of(txn, id).await?;
    let refuse = |key: &str| Err(Error::refuse(Code::ForbiddenState, "id", txn.locale().say(key, &[])));
    if !states.contains(&InvitationState::of(&row, txn.now())) || roles.is_empty() {
        return refuse("invitation-is-over");
    }
    if rights.reach_all(&roles) { Ok(row) } else { refuse("invitation-beyond-yours") }
}

#[derive(sea_orm::FromQueryResult)]
struct Named {
    role_id: RoleId,
}

/// The roles an invitation gives.
pub(super) async fn roles_of(txn: &TenantTx<'_>, id: InvitationId) -> Result<Vec<RoleId>> {
    let named: Vec<Named> = txn.statement(sql!("roles.sql")).bind("invitation", id).all().await?;
    Ok(named.into_iter().map(|named| named.role_id).collect())
}

/// Somebody answers for every invitation, and the system is nobody.
fn inviter(txn: &TenantTx<'_>) -> Result<MembershipId> {
    txn.membership().ok_or(Error::Forbidden(Permission::IdentityMemberInvite.code()))
}
