use chrono::TimeDelta;
use entities::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Wrong passwords of each address, so that whoever goes on guessing has to wait longer and longer.
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

/// So many may be mistyped without waiting.
const FREE: u32 = 5;
/// No wait is longer: the account's owner can always sign in a minute after the guessing has stopped.
const LONGEST: TimeDelta = TimeDelta::seconds(60);
/// After so long without a try all is forgotten.
const MEMORY: TimeDelta = TimeDelta::minutes(15);
/// More addresses are not remembered at once.
const MOST: usize = 10_000;

impl Wrong {
    fn may_try_at(self) -> Timestamp {
        let Some(over) = self.times.checked_sub(FREE) else { return self.last };
        self.last.plus(TimeDelta::seconds(1 << over.min(10)).min(LONGEST))
    }
}

impl Guesses {
    /// How long to wait before the next try; none: it may be made.
    pub(super) fn wait(&self, address: &str, now: Timestamp) -> Option<TimeDelta> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.get(&key(address))?.may_try_at().since(now);
        (left > TimeDelta::zero()).then_some(left)
    }

    /// Remembers how a try ended.
    pub(super) fn tried(&self, address: &str, right: bool, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if right {
            all.remove(&key(address));
            return;
        }
        if all.len() >= MOST {
            all.retain(|_, wrong| now.since(wrong.last) < MEMORY);
        }
        if all.len() >= MOST && !all.contains_key(&key(address)) {
            // Whoever makes addresses up to have it forgotten makes us forget those that were tried least.
            let least = all.iter().min_by_key(|(_, wrong)| (wrong.times, wrong.last)).map(|(key, _)| *key);
            least.map(|least| all.remove(&least));
        }
        let wrong = all.entry(key(address)).or_insert(Wrong { times: 0, last: now });
        let times = if now.since(wrong.last) < MEMORY { wrong.times + 1 } else { 1 };
        *wrong = Wrong { times, last: now };
    }
}

fn key(address: &str) -> [u8; 32] {
    Sha256::digest(address).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_minute_and_is_forgotten() {
        let (guesses, mut now) = (Guesses::default(), Timestamp(0));
        let mut waits = Vec::new();
        for _ in 0..14 {
            guesses.tried("awa@example.sn", false, now);
            let wait = guesses.wait("awa@example.sn", now).unwrap_or_default();
            waits.push(wait.num_seconds());
            now = now.plus(wait);
            assert!(guesses.wait("awa@example.sn", now).is_none(), "the wait is over");
        }
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert!(guesses.wait("modou@example.sn", now).is_none(), "another's address");
        for n in 0..MOST + 10 {
            guesses.tried(&format!("made-up-{n}@example.sn"), false, now);
        }
        guesses.tried("awa@example.sn", false, now);
        assert!(guesses.wait("awa@example.sn", now).is_some(), "made-up addresses push out no guessed one");
        now = now.plus(MEMORY);
        guesses.tried("awa@example.sn", false, now);
        assert!(guesses.wait("awa@example.sn", now).is_none(), "a first mistake again");
    }
}
