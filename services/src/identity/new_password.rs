//! Changing one's password.

use super::guesses::check_password;
use super::{Caller, links, notices, password, policies, sessions};
use crate::audit::NewAudit;
use crate::locale::Locale;
use crate::scope::DoorwayTx;
use crate::{Code, Doorway, Error, Refusals, Result};
use entities::identity::account_link::LinkPurpose;
use entities::identity::user;
use sea_orm::ActiveValue::{Set, Unchanged};

/// Changes one's password for whoever knows the present one, ends all other sessions, and tells the person.
pub async fn change_password(doorway: &Doorway, caller: &Caller, present: String, new: String) -> Result<()> {
    let session = caller.session()?;
    let mine = super::users::get(doorway, caller).await?;
    check_new(&new, &mine.email, "newPassword", doorway.locale())?;
    policies::check_length(&doorway.read().await?, doorway, mine.id, &new).await?;
    if new == present {
        return Err(Error::refuse(Code::Invalid, "newPassword", doorway.locale().say("password-same", &[])));
    }
    if !check_password(doorway, &mine.email, Some(mine.id), present, mine.password_hash.clone()).await? {
        return Err(Error::refuse(Code::InvalidCredentials, "currentPassword", doorway.locale().say("password-wrong", &[])));
    }
    let hash = password::hash(new).await?;
    let tx = doorway.begin().await?;
    let locked = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    // What was checked must be what is replaced.
    if locked.password_hash != mine.password_hash {
        return Err(Error::Conflict);
    }
    write(&tx, doorway, &locked, hash).await?;
    tx.audit(caller.tenant(), Some(caller.user), NewAudit::of("identity.password.change").on("User", caller.user));
    sessions::end_others(&tx, doorway, caller.user, session, "password changed").await?;
    notices::commit_new_password(tx, doorway, &locked, caller.member.map(|(tenant, _)| tenant)).await?;
    doorway.app().standings().forget();
    Ok(())
}

/// Refuses a password that is too long or easily guessed.
pub(super) fn check_new(new: &str, email: &str, path: &str, locale: Locale) -> Result<()> {
    let mut refusals = Refusals::default();
    if new.chars().count() > LONGEST {
        refusals.add(Code::TooLong, path, locale.say("text-too-long", &[("most", LONGEST.to_string())]));
    } else if password::is_weak(new, email) {
        refusals.add(Code::WeakPassword, path, locale.say("password-weak", &[]));
    }
    refusals.check()
}

/// In characters.
const LONGEST: usize = 128;

/// Writes a new password. What was asked for under the old one is good no more: neither a move to another address, nor another link.
pub(super) async fn write(tx: &DoorwayTx, doorway: &Doorway, user: &user::Model, hash: String) -> Result<()> {
    for purpose in [LinkPurpose::ChangeEmail, LinkPurpose::ResetPassword] {
        links::forget(tx, doorway, user, purpose).await?;
    }
    let row = user::ActiveModel {
        id: Unchanged(user.id),
        version: Set(user.version + 1),
        password_hash: Set(Some(hash)),
        updated_at: Set(doorway.now()),
        ..Default::default()
    };
    tx.update(row).await.map(drop)
}
