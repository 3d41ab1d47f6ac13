//! The second factor: codes of an authenticator app (RFC 6238), and ten codes for when it is lost.
//!
//! A factor is *begun* with a secret that the app takes, and counts once a first code of it is shown. From then on a password alone
//! opens no session: signing in answers with a *challenge*, which is good for five minutes and for this password.
//!
//! Rules that always hold:
//! - A code serves once: neither it nor an older one is taken again. The clock of the telephone may be thirty seconds off.
//! - Whoever guesses codes has to wait as whoever guesses passwords does.
//! - The secret is encrypted in the database, a recovery code is kept by its MAC; both are shown once.
//! - The person is told when a factor comes or goes, and when a recovery code is used.

mod challenge;
mod codes;
mod vault;

pub use challenge::Challenge;
pub(super) use challenge::{challenge, open};

use super::known_devices::Place;
use super::users::knowing_password;
use super::{Caller, notices, policies, sessions, trust};
use crate::audit::NewAudit;
use crate::scope::DoorwayTx;
use crate::{Code, Doorway, Error, Result, sql};
use chrono::TimeDelta;
use entities::Timestamp;
use entities::identity::{UserId, second_factor, user};
use sea_orm::ActiveValue::{Set, Unchanged};

/// What an authenticator app is to take.
#[derive(Clone, Debug)]
pub struct Begun {
    /// In base 32, to type.
    pub secret: String,
    /// An `otpauth:` address, to show as a QR code.
    pub url: String,
}

/// The second factor a person has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    pub since: Timestamp,
    /// How many recovery codes are left.
    pub codes_left: i64,
}

/// The second factor of a person; none: their password is enough.
pub async fn status(doorway: &Doorway, user: UserId) -> Result<Option<Status>> {
    let tx = doorway.read().await?;
    let Some(since) = tx.find::<second_factor::Entity>(user).await?.and_then(|factor| factor.confirmed_at) else { return Ok(None) };
    let codes_left = tx.statement(sql!("codes_left.sql")).bind("user", user).value().await?.unwrap_or(0);
    Ok(Some(Status { since, codes_left }))
}

/// Makes a secret for the app of whoever knows the password; it counts for nothing yet.
pub async fn begin(doorway: &Doorway, caller: &Caller, password: String) -> Result<Begun> {
    let mine = knowing_password(doorway, caller, password).await?;
    let secret: [u8; 20] = doorway.app().random().bytes();
    let tx = doorway.begin().await?;
    let begin = tx.statement(sql!("begin_factor.sql")).bind("user", caller.user).bind("now", doorway.now());
    let sealed = vault::seal(doorway.app(), caller.user, &secret)?;
    if begin.bind("secret", sealed).run().await? == 0 {
        return Err(Error::refuse(Code::ForbiddenState, "", doorway.locale().say("second-factor-on-already", &[])));
    }
    tx.commit().await?;
    codes::begun(&secret, &mine.email)
}

/// Has the factor count from now on, for whoever shows a first code; answers the recovery codes.
pub async fn confirm(doorway: &Doorway, caller: &Caller, code: &str) -> Result<Vec<String>> {
    let session = caller.session()?;
    may_try(doorway, caller.user)?;
    let tx = doorway.begin().await?;
    let user = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    let begun = tx.find::<second_factor::Entity>(user.id).await?.filter(|factor| factor.confirmed_at.is_none());
    let begun = begun.ok_or_else(|| Error::refuse(Code::ForbiddenState, "", doorway.locale().say("second-factor-not-begun", &[])))?;
    let step = codes::step_of(doorway, &begun, code)?.filter(|step| *step > begun.last_step);
    let Some(step) = step else {
        drop(tx);
        return Err(wrong(doorway, user.id).await?);
    };
    let row = second_factor::ActiveModel {
        user_id: Unchanged(user.id),
        confirmed_at: Set(Some(doorway.now())),
        last_step: Set(step),
        ..Default::default()
    };
    tx.update(row).await?;
    let codes = codes::renew(&tx, doorway, user.id).await?;
    // Whoever came in by the password alone shows a code, too.
    sessions::end_others(&tx, doorway, user.id, session, "second factor added").await?;
    tx.audit(caller.tenant(), Some(user.id), NewAudit::of("identity.second_factor.add").on("User", user.id));
    notices::commit_news(tx, doorway, &user, "second-factor-on").await?;
    doorway.app().standings().forget();
    doorway.app().guesses().tried(&key(caller.user), EVERYWHERE, true, doorway.now());
    Ok(codes)
}

/// Makes ten new recovery codes in place of the old ones, for whoever shows a code.
pub async fn renew_codes(doorway: &Doorway, caller: &Caller, code: &str) -> Result<Vec<String>> {
    let tx = doorway.begin().await?;
    let user = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    let tx = shown(tx, doorway, &user, code).await?;
    let codes = codes::renew(&tx, doorway, user.id).await?;
    tx.audit(caller.tenant(), Some(user.id), NewAudit::of("identity.recovery_codes.renew").on("User", user.id));
    tx.commit().await?;
    Ok(codes)
}

/// Has the password be enough again, for whoever knows it and shows a code.
pub async fn remove(doorway: &Doorway, caller: &Caller, password: String, code: &str) -> Result<()> {
    knowing_password(doorway, caller, password).await?;
    let tx = doorway.begin().await?;
    let user = tx.lock::<user::Entity>(caller.user).await?.ok_or(Error::Unauthenticated)?;
    let tx = shown(tx, doorway, &user, code).await?;
    policies::check_farewell_to_factor(&tx, doorway, user.id).await?;
    forget(&tx, user.id).await?;
    tx.audit(caller.tenant(), Some(user.id), NewAudit::of("identity.second_factor.remove").on("User", user.id));
    notices::commit_news(tx, doorway, &user, "second-factor-off").await
}

/// Takes a person's factor away, and its recovery codes.
pub(super) async fn forget(tx: &DoorwayTx, user: UserId) -> Result<()> {
    tx.statement(sql!("forget_factor.sql")).bind("user", user).run().await?;
    tx.statement(sql!("forget_codes.sql")).bind("user", user).run().await.map(drop)
}

/// Whether a person has a factor that counts.
pub(super) async fn is_on(tx: &DoorwayTx, user: UserId) -> Result<bool> {
    Ok(tx.find::<second_factor::Entity>(user).await?.is_some_and(|factor| factor.confirmed_at.is_some()))
}

/// Goes on with a transaction that holds the person, where the code is theirs; it serves once. A wrong one is remembered.
pub(super) async fn shown(tx: DoorwayTx, doorway: &Doorway, user: &user::Model, code: &str) -> Result<DoorwayTx> {
    may_try(doorway, user.id)?;
    let factor = tx.find::<second_factor::Entity>(user.id).await?.filter(|factor| factor.confirmed_at.is_some());
    let factor = factor.ok_or_else(|| Error::refuse(Code::ForbiddenState, "", doorway.locale().say("second-factor-off-already", &[])))?;
    if codes::take(&tx, doorway, &factor, code).await? {
        doorway.app().guesses().tried(&key(user.id), EVERYWHERE, true, doorway.now());
        return Ok(tx);
    }
    drop(tx);
    Err(wrong(doorway, user.id).await?)
}

/// Refuses whoever was wrong often, until they have waited.
fn may_try(doorway: &Doorway, user: UserId) -> Result<()> {
    let Some(wait) = doorway.app().guesses().wait(&key(user), EVERYWHERE, doorway.now()) else { return Ok(()) };
    let seconds = (wait + TimeDelta::milliseconds(999)).num_seconds();
    let sentence = doorway.locale().say("second-factor-too-often", &[("seconds", seconds.to_string())]);
    Err(Error::refuse(Code::LimitReached, "code", sentence))
}

async fn wrong(doorway: &Doorway, user: UserId) -> Result<Error> {
    doorway.app().guesses().tried(&key(user), EVERYWHERE, false, doorway.now());
    metrics::counter!("auth_failures_total", "reason" => "second factor").increment(1);
    trust::wrong(doorway, Some(user)).await?;
    Ok(Error::refuse(Code::InvalidCredentials, "code", doorway.locale().say("second-factor-wrong", &[])))
}

/// Whoever gets to show codes knew the password: their tries are counted wherever they are.
const EVERYWHERE: Place = Place::nowhere();

/// Under what wrong codes are remembered: no address has a space.
fn key(user: UserId) -> String {
    format!("second factor of {user}")
}
