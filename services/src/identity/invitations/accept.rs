//! Joining with a token: whoever has an account by showing it, anybody else by signing up with it.

use super::InvitationState;
use super::create::roles_of;
use super::token;
use crate::audit::NewAudit;
use crate::identity::members::{Act, give};
use crate::identity::roles::Rights;
use crate::identity::verification::confirm;
use crate::identity::{Caller, Grants, Permission};
use crate::notifications::{Category, Channel, NewNotification, Severity, notify};
use crate::scope::{DoorwayTx, TenantTx};
use crate::{Actor, Code, Doorway, Error, Reads, Result, Scope, sql};
use entities::TenantId;
use entities::identity::membership::{self, MembershipStatus};
use entities::identity::{InvitationId, MembershipId, RoleId, UserId, invitation, organization, user};
use sea_orm::ActiveValue::{Set, Unchanged};
use std::sync::Arc;

/// Of which organisation a token is.
#[derive(Clone, Copy, Debug, sea_orm::FromQueryResult)]
pub(in crate::identity) struct Found {
    pub tenant_id: TenantId,
    pub id: InvitationId,
}

/// Joins the organisation that invited the caller's address; they go on there by `organizationSwitch`.
pub async fn accept(doorway: &Doorway, caller: &Caller, token: &str) -> Result<organization::Model> {
    let tx = doorway.begin().await?;
    let found = find(&tx, doorway, token).await?;
    let mut me = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    // Whoever has the letter reads the mail of its address; another's is refused below, and this with it.
    if me.email_verified_at.is_none() {
        me = confirm(&tx, doorway, &me).await?;
    }
    join(tx, doorway, &me, found).await
}

/// The invitation of a token, whatever its state.
pub(in crate::identity) async fn find(tx: &DoorwayTx, doorway: &Doorway, text: &str) -> Result<Found> {
    let link = token::of_text(doorway.app(), text).ok_or_else(|| over(doorway))?;
    let found = tx.statement(sql!("by_hash.sql")).bind("hash", token::hash(doorway.app(), link));
    found.one::<Found>().await?.ok_or_else(|| over(doorway))
}

/// The address a token was sent to, in whatever state its invitation is.
pub(in crate::identity) async fn address_of(doorway: &Doorway, text: &str) -> Result<String> {
    let tx = doorway.read().await?;
    let found = find(&tx, doorway, text).await?;
    let address = tx.statement(sql!("address.sql")).bind("tenant", found.tenant_id).bind("id", found.id);
    address.value::<String>().await?.ok_or_else(|| over(doorway))
}

/// One sentence for all that a token can no longer do, so that it tells nothing to whoever tries.
fn over(doorway: &Doorway) -> Error {
    Error::refuse(Code::NotFound, "token", doorway.locale().say("invitation-unknown", &[]))
}

/// Makes a person a member by an invitation, and commits.
pub(in crate::identity) async fn join(tx: DoorwayTx, doorway: &Doorway, me: &user::Model, found: Found) -> Result<organization::Model> {
    let there = tx.find::<organization::Entity>(found.tenant_id).await?.ok_or_else(|| over(doorway))?;
    let known = tx.statement(sql!("of_user.sql")).bind("tenant", found.tenant_id).bind("user", me.id).value::<MembershipId>().await?;
    let membership = known.unwrap_or_else(|| doorway.new_id());
    let actor = Actor::Member { user: me.id, membership };
    let scope = Scope::new(doorway.app().clone(), actor, found.tenant_id, Arc::new(Grants::default()), doorway.locale());
    let txn = tx.enter(&scope).await?;
    let (row, roles) = open(&txn, doorway, found.id).await?;
    if row.email != me.email {
        return Err(Error::refuse(Code::ForbiddenState, "token", doorway.locale().say("invitation-other-address", &[])));
    }
    write_member(&txn, membership, me.id).await?;
    give(&txn, membership, &roles).await?;
    let accepted = invitation::ActiveModel {
        id: Unchanged(row.id),
        accepted_at: Set(Some(txn.now())),
        accepted_by: Set(Some(membership)),
        ..Default::default()
    };
    txn.update(accepted).await?;
    txn.audit(NewAudit::of("identity.invitation.accept").on("Invitation", row.id));
    tell_inviter(&txn, &row, &me.display_name).await?;
    txn.commit().await?;
    doorway.app().standings().forget();
    Ok(there)
}

/// An invitation that may be accepted, held to the commit: it waits, and whoever sent it may still give its roles.
async fn open(txn: &TenantTx<'_>, doorway: &Doorway, id: InvitationId) -> Result<(invitation::Model, Vec<RoleId>)> {
    let gone = |error: Error| if matches!(error, Error::NotFound) { over(doorway) } else { error };
    let inviter = txn.get::<invitation::Entity>(id).await.map_err(gone)?.invited_by;
    let rights = Rights::hold_for(txn, Actor::Member { user: UserId::NIL, membership: inviter }).await?;
    // Another may have sent it again meanwhile: then the token that was shown is not its own any more.
    let row = txn.lock::<invitation::Entity>(id).await.map_err(gone)?;
    let roles = roles_of(txn, id).await?;
    let good = InvitationState::of(&row, txn.now()) == InvitationState::Pending && row.invited_by == inviter && !roles.is_empty();
    let answered_for = rights.allow(Permission::IdentityMemberInvite) && rights.reach_all(&roles);
    if good && answered_for { Ok((row, roles)) } else { Err(over(doorway)) }
}

/// A new membership, or the one of somebody who comes back.
async fn write_member(txn: &TenantTx<'_>, id: MembershipId, user: UserId) -> Result<()> {
    let Some(old) = txn.find::<membership::Entity>(id).await? else {
        let row = membership::ActiveModel {
            id: Set(id),
            user_id: Set(user),
            status: Set(MembershipStatus::Active),
            version: Set(1),
            created_at: Set(txn.now()),
            updated_at: Set(txn.now()),
            ..Default::default()
        };
        return txn.insert(row).await.map(drop);
    };
    let key = if old.status == MembershipStatus::Suspended { "invitation-while-suspended" } else { "invitation-of-yourself" };
    let refused = || Error::refuse(Code::ForbiddenState, "token", txn.locale().say(key, &[]));
    let status = Act::Return.from(old.status).ok_or_else(refused)?;
    let (version, updated_at) = (Set(old.version + 1), Set(txn.now()));
    let row = membership::ActiveModel { id: Unchanged(id), status: Set(status), version, updated_at, ..Default::default() };
    txn.update(row).await.map(drop)
}

async fn tell_inviter(txn: &TenantTx<'_>, row: &invitation::Model, name: &str) -> Result<()> {
    let new = NewNotification {
        to: vec![row.invited_by],
        category: Category::Security,
        severity: Severity::Info,
        key: "invitation-accepted",
        params: serde_json::json!({ "name": name, "email": row.email }),
        subject: None,
        channels: vec![Channel::InApp],
        dedup_key: None,
    };
    notify(txn, new).await
}
