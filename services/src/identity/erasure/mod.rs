//! Erasing an account, at its owner's word.
//!
//! [`request`] gives seven days to think again ([`cancel`]); then a worker ([`EraseAccounts`]) takes away all that says who they were:
//! address, name, telephone, skills and links, passwords and other ways in, sessions, notifications, memberships, and in every
//! organisation the invitations and letters of the address. Whoever thinks again meanwhile keeps what is not gone yet. What they did
//! stays, under no name: the ledgers of an organisation are its own, and the audit log is sealed.
//!
//! An organisation with other members keeps an owner: its last one hands it over first. One that has nobody else may be left
//! alone. It all may be done twice, and cut off anywhere.

mod carry_out;
#[cfg(test)]
mod tests;

pub use carry_out::{EraseAccounts, erase_due};

use super::account::email;
use super::{Caller, ShippedRole, notices, proof};
use crate::audit::NewAudit;
use crate::scope::DoorwayTx;
use crate::{Code, Doorway, Error, Result, sql};
use chrono::TimeDelta;
use entities::Timestamp;
use entities::identity::{UserId, user};
use sea_orm::ActiveValue::{Set, Unchanged};

/// How long a person may think again.
const NOTICE: TimeDelta = TimeDelta::days(7);

/// Has the caller's account be erased in seven days. They proved a moment ago who they are, and type their address to show that they
/// mean it.
pub async fn request(doorway: &Doorway, caller: &Caller, address: &str) -> Result<user::Model> {
    proof::recent(doorway, caller)?;
    let refuse = |code, path, key| Error::refuse(code, path, doorway.locale().say(key, &[]));
    let tx = doorway.begin().await?;
    let user = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    if email(address) != user.email {
        return Err(refuse(Code::Invalid, "email", "erasure-other-address"));
    }
    if user.erase_at.is_some() {
        return Err(refuse(Code::ForbiddenState, "", "erasure-asked-already"));
    }
    let theirs = alone_in_charge(&tx, user.id).await?;
    if !theirs.is_empty() {
        let sentence = doorway.locale().say("erasure-last-owner", &[("organizations", theirs.join(", "))]);
        return Err(Error::refuse(Code::ForbiddenState, "", sentence));
    }
    let user = set(&tx, doorway, &user, Some(doorway.now().plus(NOTICE))).await?;
    notices::write_to(&tx, doorway, &user, "letter-erasure")?;
    tx.audit(caller.tenant(), Some(user.id), NewAudit::of("identity.account.erase_ask").on("User", user.id));
    tx.commit().await?;
    Ok(user)
}

/// Keeps the caller's account after all.
pub async fn cancel(doorway: &Doorway, caller: &Caller) -> Result<user::Model> {
    let tx = doorway.begin().await?;
    let user = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    if user.erase_at.is_none() {
        return Err(Error::refuse(Code::ForbiddenState, "", doorway.locale().say("erasure-not-asked", &[])));
    }
    let user = set(&tx, doorway, &user, None).await?;
    tx.audit(caller.tenant(), Some(user.id), NewAudit::of("identity.account.erase_cancel").on("User", user.id));
    tx.commit().await?;
    Ok(user)
}

#[derive(sea_orm::FromQueryResult)]
struct Named {
    name: String,
}

/// The organisations with other members whose only owner the person is.
async fn alone_in_charge(tx: &DoorwayTx, user: UserId) -> Result<Vec<String>> {
    let theirs: Vec<Named> =
        tx.statement(sql!("alone_in_charge.sql")).bind("user", user).bind("owner", ShippedRole::Owner.key()).all().await?;
    Ok(theirs.into_iter().map(|one| one.name).collect())
}

async fn set(tx: &DoorwayTx, doorway: &Doorway, user: &user::Model, at: Option<Timestamp>) -> Result<user::Model> {
    let row = user::ActiveModel {
        id: Unchanged(user.id),
        version: Set(user.version + 1),
        erase_at: Set(at),
        updated_at: Set(doorway.now()),
        ..Default::default()
    };
    tx.update(row).await
}
