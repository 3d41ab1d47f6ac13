//! Buckets as this process knows them.

use super::Bucket;
use super::quota::Ask;
use entities::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// More buckets are not remembered at once; a few megabytes.
pub(super) const MOST: usize = 65_536;

/// When each bucket in debt is whole again, in microseconds since 1970.
///
/// Where Redis counts it is the least it can be: others may have taken since, nobody gives back.
#[derive(Default)]
pub(super) struct Cells(Mutex<HashMap<Bucket, i64>>);

impl Cells {
    pub fn debt(&self, bucket: Bucket, longest: i64, now: Timestamp) -> i64 {
        debt(&self.all(), bucket, longest, now)
    }

    /// Decides here: the debt afterwards; or the debt as it is, and how long to wait.
    pub fn take(&self, bucket: Bucket, ask: &Ask, now: Timestamp) -> Result<i64, (i64, i64)> {
        let mut all = self.all();
        let before = debt(&all, bucket, ask.longest, now);
        let after = ask.decide(before).map_err(|wait| (before, wait))?;
        keep(&mut all, bucket, after, now);
        Ok(after)
    }

    /// Remembers a debt that was at least so large.
    pub fn learn(&self, bucket: Bucket, learnt: i64, longest: i64, now: Timestamp) {
        let mut all = self.all();
        if learnt > debt(&all, bucket, longest, now) {
            keep(&mut all, bucket, learnt, now);
        }
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.all().len()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Bucket, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn debt(all: &HashMap<Bucket, i64>, bucket: Bucket, longest: i64, now: Timestamp) -> i64 {
    all.get(&bucket).map_or(0, |whole_at| whole_at.saturating_sub(now.0).clamp(0, longest))
}

fn keep(all: &mut HashMap<Bucket, i64>, bucket: Bucket, debt: i64, now: Timestamp) {
    if all.len() >= MOST && !all.contains_key(&bucket) {
        make_room(all, now);
    }
    all.insert(bucket, now.0.saturating_add(debt));
}

/// Forgets what is whole; and when that is little, the half with the smaller debts: whoever makes addresses up to have
/// theirs forgotten loses the made up ones first. Each time pays for as many buckets as it forgets.
fn make_room(all: &mut HashMap<Bucket, i64>, now: Timestamp) {
    all.retain(|_, whole_at| *whole_at > now.0);
    if all.len() > MOST / 2 {
        let mut times: Vec<i64> = all.values().copied().collect();
        let middle = times.len() / 2;
        let (_, middle, _) = times.select_nth_unstable(middle);
        let middle = *middle;
        all.retain(|_, whole_at| *whole_at > middle);
    }
}
