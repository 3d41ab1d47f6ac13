//! Moving an account to another address.

use super::account::{check_email, email};
use super::{Caller, links, proof, second_factor, security_events};
use crate::audit::NewAudit;
use crate::notifications::letters::Letter;
use crate::scope::DoorwayTx;
use crate::{Code, Doorway, Error, Refusals, Result};
use chrono::TimeDelta;
use entities::identity::account_link::LinkPurpose;
use entities::identity::security_event::SecurityEventKind;
use entities::identity::user;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::ColumnTrait;
use std::collections::BTreeMap;

/// Sends a link to the new address, for whoever knows the password, and says so to the old one; nothing changes until it is followed.
/// A new password, or signing out everywhere, makes it good for nothing.
pub async fn ask_for_new_address(doorway: &Doorway, caller: &Caller, address: &str, present: String) -> Result<()> {
    let address = email(address);
    let mut refusals = Refusals::default();
    check_email(&address, doorway.locale(), &mut refusals);
    refusals.check().map_err(|error| error.rename_path("email", "newEmail"))?;
    let known = super::users::knowing_password(doorway, caller, present).await?;
    let tx = doorway.begin().await?;
    let user = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    if user.password_hash != known.password_hash {
        return Err(Error::Conflict);
    }
    if second_factor::is_on(&tx, user.id).await? {
        proof::recent(doorway, caller)?;
    }
    if user.email == address {
        return Err(Error::refuse(Code::Invalid, "newEmail", doorway.locale().say("email-same", &[])));
    }
    if tx.one::<user::Entity>(user::Column::Email.eq(address.as_str())).await?.is_some() {
        return Err(taken(doorway));
    }
    // One address at a time: a link to another one is good no more.
    links::forget(&tx, doorway, &user, LinkPurpose::ChangeEmail).await?;
    let job = links::make(&tx, doorway, &user, LinkPurpose::ChangeEmail, &address).await?;
    tx.enqueue(job.ok_or_else(|| links::too_many(doorway))?);
    tell_old_address(&tx, doorway, &user, &address, "letter-moving")?;
    security_events::write(&tx, doorway, user.id, SecurityEventKind::EmailChangeRequested, None).await?;
    tx.audit(caller.tenant(), Some(user.id), NewAudit::of("identity.address.ask").on("User", user.id));
    tx.commit().await
}

/// Moves the account to the address its link was sent to, and says so to the old one.
pub async fn move_to_address(doorway: &Doorway, token: &str) -> Result<user::Model> {
    let tx = doorway.begin().await?;
    let (link, old) = links::redeem(&tx, doorway, LinkPurpose::ChangeEmail, token).await?;
    let row = user::ActiveModel {
        id: Unchanged(old.id),
        version: Set(old.version + 1),
        email: Set(link.email.clone()),
        email_verified_at: Set(Some(doorway.now())),
        updated_at: Set(doorway.now()),
        ..Default::default()
    };
    let user = tx.update(row).await.map_err(|error| if error.duplicates("email") { taken(doorway) } else { error })?;
    for purpose in [LinkPurpose::VerifyEmail, LinkPurpose::ResetPassword] {
        links::forget(&tx, doorway, &user, purpose).await?;
    }
    tell_old_address(&tx, doorway, &old, &user.email, "letter-moved")?;
    security_events::write(&tx, doorway, user.id, SecurityEventKind::EmailChanged, None).await?;
    let act = NewAudit::of("identity.address.change").on("User", user.id).hidden("email", true);
    tx.audit(user.last_tenant_id, Some(user.id), act);
    tx.commit().await?;
    Ok(user)
}

fn tell_old_address(tx: &DoorwayTx, doorway: &Doorway, old: &user::Model, new: &str, key: &str) -> Result<()> {
    let letter = Letter {
        id: doorway.new_id(),
        address: old.email.clone(),
        name: Some(old.display_name.clone()),
        locale: old.locale.clone(),
        key: key.to_owned(),
        params: BTreeMap::from([("address".to_owned(), new.to_owned())]),
        link: None,
        written_at: doorway.now(),
        until: doorway.now().plus(TimeDelta::days(7)),
    };
    tx.enqueue(letter.job(doorway.app())?);
    Ok(())
}

fn taken(doorway: &Doorway) -> Error {
    Error::refuse(Code::AlreadyExists, "newEmail", doorway.locale().say("email-taken", &[]))
}
