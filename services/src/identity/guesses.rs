use super::known_devices::{self, Place};
use super::{password, security_events, trust};
use crate::{Code, Doorway, Error, Result};
use chrono::TimeDelta;
use entities::Timestamp;
use entities::identity::UserId;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Wrong passwords of each address, so that whoever goes on guessing has to wait longer and longer.
///
/// Counted twice: of one address from one place, and of one address from everywhere. The second count, which whoever changes places
/// runs into, is not held against a place its person is known at: else a stranger could lock them out.
///
/// Kept by this process alone, by the hash of the address, and of addresses nobody has as well: the answer must not tell
/// them apart.
#[derive(Default)]
pub(crate) struct Guesses(Mutex<HashMap<[u8; 32], Wrong>>);

#[derive(Clone, Copy)]
struct Wrong {
    times: u32,
    last: Timestamp,
}

/// So many may be mistyped at one place without waiting.
const FREE: u32 = 5;
/// So many everywhere together.
const FREE_EVERYWHERE: u32 = 30;
/// No wait is longer: the account's owner can always sign in a minute after the guessing has stopped.
const LONGEST: TimeDelta = TimeDelta::seconds(60);
/// After so long without a try all is forgotten.
const MEMORY: TimeDelta = TimeDelta::minutes(15);
/// More addresses are not remembered at once.
const MOST: usize = 10_000;

impl Wrong {
    fn may_try_at(self, free: u32) -> Timestamp {
        let Some(over) = self.times.checked_sub(free) else { return self.last };
        self.last.plus(TimeDelta::seconds(1 << over.min(10)).min(LONGEST))
    }
}

impl Guesses {
    /// How long to wait before the next try from this place; none: it may be made.
    pub(super) fn wait(&self, address: &str, place: Place, now: Timestamp) -> Option<TimeDelta> {
        self.left(&at_place(address, place), FREE, now)
    }

    /// How long to wait because of tries from everywhere; it is not held against a place that is known.
    pub(super) fn wait_everywhere(&self, address: &str, now: Timestamp) -> Option<TimeDelta> {
        self.left(&everywhere(address), FREE_EVERYWHERE, now)
    }

    fn left(&self, key: &[u8; 32], free: u32, now: Timestamp) -> Option<TimeDelta> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.get(key)?.may_try_at(free).since(now);
        (left > TimeDelta::zero()).then_some(left)
    }

    /// Remembers how a try ended. One that was right ends the count of its place alone: the tries of others go on counting.
    pub(super) fn tried(&self, address: &str, place: Place, right: bool, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if right {
            all.remove(&at_place(address, place));
            return;
        }
        for key in [at_place(address, place), everywhere(address)] {
            count(&mut all, key, now);
        }
    }

    /// Forgets all tries of an address: its password is another.
    pub(super) fn forget(&self, address: &str, place: Place) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&at_place(address, place));
        all.remove(&everywhere(address));
    }
}

/// Whether the password of an address is right. Whoever was wrong often has to wait, and costs us nothing meanwhile.
pub(super) async fn check_password(
    doorway: &Doorway,
    address: &str,
    user: Option<UserId>,
    secret: String,
    hash: Option<String>,
) -> Result<bool> {
    let (guesses, place) = (doorway.app().guesses(), Place::of(doorway));
    // Asked with the turn in hand: a thousand tries sent at once would else all be let in before the first is found wrong.
    let turn = password::turn().await?;
    let here = guesses.wait(address, place, doorway.now());
    let everywhere = guesses.wait_everywhere(address, doorway.now());
    let everywhere = match everywhere {
        Some(wait) if !known_devices::is_known(doorway, user, place).await? => Some(wait),
        _ => None,
    };
    if let Some(wait) = here.max(everywhere) {
        metrics::counter!("auth_failures_total", "reason" => "waiting").increment(1);
        if let Some(user) = user {
            security_events::guessed(doorway, user);
        }
        let seconds = (wait.num_milliseconds() + 999) / 1000;
        let sentence = doorway.locale().say("sign-in-too-often", &[("seconds", seconds.to_string())]);
        return Err(Error::refuse(Code::LimitReached, "", sentence));
    }
    let right = password::verify(turn, secret, hash).await?;
    guesses.tried(address, place, right, doorway.now());
    if !right {
        metrics::counter!("auth_failures_total", "reason" => "password").increment(1);
        trust::wrong(doorway, user).await?;
    }
    Ok(right)
}

fn count(all: &mut HashMap<[u8; 32], Wrong>, key: [u8; 32], now: Timestamp) {
    if all.len() >= MOST {
        all.retain(|_, wrong| now.since(wrong.last) < MEMORY);
    }
    if all.len() >= MOST && !all.contains_key(&key) {
        // Whoever makes addresses up to have it forgotten makes us forget those that were tried least.
        let least = all.iter().min_by_key(|(_, wrong)| (wrong.times, wrong.last)).map(|(key, _)| *key);
        least.map(|least| all.remove(&least));
    }
    let wrong = all.entry(key).or_insert(Wrong { times: 0, last: now });
    let times = if now.since(wrong.last) < MEMORY { wrong.times + 1 } else { 1 };
    *wrong = Wrong { times, last: now };
}

fn everywhere(address: &str) -> [u8; 32] {
    Sha256::digest(address).into()
}

fn at_place(address: &str, place: Place) -> [u8; 32] {
    Sha256::new().chain_update(place.bytes()).chain_update(address).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: Place = Place::made_up(1);

    #[test]
    fn the_wait_doubles_up_to_a_minute_and_is_forgotten() {
        let (guesses, mut now) = (Guesses::default(), Timestamp(0));
        let mut waits = Vec::new();
        for _ in 0..14 {
            guesses.tried("awa@example.sn", HOME, false, now);
            let wait = guesses.wait("awa@example.sn", HOME, now).unwrap_or_default();
            waits.push(wait.num_seconds());
            now = now.plus(wait);
            assert!(guesses.wait("awa@example.sn", HOME, now).is_none(), "the wait is over");
        }
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert!(guesses.wait("modou@example.sn", HOME, now).is_none(), "another's address");
        for n in 0..MOST + 10 {
            guesses.tried(&format!("made-up-{n}@example.sn"), HOME, false, now);
        }
        guesses.tried("awa@example.sn", HOME, false, now);
        assert!(guesses.wait("awa@example.sn", HOME, now).is_some(), "made-up addresses push out no guessed one");
        now = now.plus(MEMORY);
        guesses.tried("awa@example.sn", HOME, false, now);
        assert!(guesses.wait("awa@example.sn", HOME, now).is_none(), "a first mistake again");
    }

    #[test]
    fn whoever_changes_places_waits_for_all_of_them() {
        let (guesses, now) = (Guesses::default(), Timestamp(0));
        for place in 0..30 {
            assert!(guesses.wait_everywhere("awa@example.sn", now).is_none());
            guesses.tried("awa@example.sn", Place::made_up(place), false, now);
        }
        assert_eq!(guesses.wait_everywhere("awa@example.sn", now), Some(TimeDelta::seconds(1)));
        assert!(guesses.wait("awa@example.sn", HOME, now).is_none(), "one mistake at home");
        // Being right at home does not make the strangers' tries undone.
        guesses.tried("awa@example.sn", HOME, true, now);
        assert!(guesses.wait_everywhere("awa@example.sn", now).is_some());
    }
}
