//! What comes of a try to sign in for the limits of the address it came from ([`crate::limits`]).
//!
//! Behind one address there may be a whole school, or all who use one telephone company. So a unit that was taken from the address is
//! given back where somebody was let in, and counts for them instead: three hundred who sign in in the morning take nothing from each
//! other. What can be guessed, a password or a code, weighs five units when it is wrong and half of the address's burst is gone, except
//! at a device of the person's: whoever goes on trying passwords there soon has a fifth of the tries, and whoever mistypes their own
//! takes no more from the neighbours than before.
//! A refresh token cannot be guessed: a known one counts for its person alone, so that no stranger behind the same address keeps them out.

use super::known_devices::{self, Place};
use crate::limits::{Bucket, Taken};
use crate::{Code, Doorway, Error, Result};
use entities::identity::UserId;

/// What a wrong guess takes beside the unit of its operation, where there were many.
const WRONG: i64 = 4;

/// The bucket of whoever asks; a call of the program itself has none.
fn bucket(doorway: &Doorway) -> Option<Bucket> {
    doorway.asked().map(|asked| Bucket::address(asked.address.as_ref().and_then(|address| address.parse().ok())))
}

/// Has the try of somebody who was let in count for them, and not for their address, while they have units left.
pub(super) async fn let_in(doorway: &Doorway, user: UserId) {
    let Some(address) = bucket(doorway) else { return };
    let (limiter, now) = (doorway.app().limiter(), doorway.now());
    if let Taken::Granted(_) = limiter.take(Bucket::User(user.0), 1, now).await {
        limiter.settle(address, -1, now).await;
    }
}

/// Takes a unit of somebody whose refresh token this is: nobody made it up, so their address has nothing to do with it.
pub(super) async fn count(doorway: &Doorway, user: UserId) -> Result<()> {
    if bucket(doorway).is_none() {
        return Ok(());
    }
    match doorway.app().limiter().take(Bucket::User(user.0), 1, doorway.now()).await {
        Taken::Refused { wait, .. } => {
            let seconds = wait.as_secs() + 1;
            Err(Error::refuse(Code::LimitReached, "", doorway.locale().say("sign-in-too-often", &[("seconds", seconds.to_string())])))
        }
        _ => Ok(()),
    }
}

/// Takes a unit of the address, for a token that nobody has.
pub(super) async fn unknown(doorway: &Doorway) {
    let Some(address) = bucket(doorway) else { return };
    doorway.app().limiter().settle(address, 1, doorway.now()).await;
}

/// Has a wrong guess weigh more where there were many, unless its person signed in from there lately.
pub(super) async fn wrong(doorway: &Doorway, user: Option<UserId>) -> Result<()> {
    let Some(address) = bucket(doorway) else { return Ok(()) };
    let (limiter, now) = (doorway.app().limiter(), doorway.now());
    let known = known_devices::is_known(doorway, user, Place::of(doorway)).await?;
    if !known && limiter.look(address, now).is_some_and(|allowance| allowance.is_low()) {
        limiter.settle(address, WRONG, now).await;
    }
    Ok(())
}
