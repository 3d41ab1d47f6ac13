//! Buckets as this process knows them.

use super::Bucket;
use super::quota::Ask;
use entities::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// More buckets are not remembered at once; a few megabytes.
pub(super) const MOST: usize = 65_536;

/// When each bucket in debt is whole again.
///
/// Where Redis counts it is what Redis said last: others may have taken since, and seldom one of them gave back.
#[derive(Default)]
pub(super) struct Cells(Mutex<HashMap<Bucket, Cell>>);

#[derive(Clone, Copy)]
struct Cell {
    /// In microseconds since 1970.
    whole_at: i64,
    /// Counted here while Redis was away: it does not know.
    unsaid: bool,
}

impl Cells {
    pub fn debt(&self, bucket: Bucket, longest: i64, now: Timestamp) -> i64 {
        debt(&self.all(), bucket, longest, now)
    }

    /// The part of it that Redis was not told.
    pub fn unsaid(&self, bucket: Bucket, longest: i64, now: Timestamp) -> i64 {
        let all = self.all();
        all.get(&bucket).filter(|cell| cell.unsaid).map_or(0, |_| debt(&all, bucket, longest, now))
    }

    /// Decides here: the debt afterwards; or the debt as it is, and how long to wait.
    pub fn take(&self, bucket: Bucket, ask: &Ask, now: Timestamp) -> Result<i64, (i64, i64)> {
        let mut all = self.all();
        let before = debt(&all, bucket, ask.longest, now);
        let after = ask.decide(before).map_err(|wait| (before, wait))?;
        keep(&mut all, bucket, Cell { whole_at: now.0.saturating_add(after), unsaid: true }, now);
        Ok(after)
    }

    /// Remembers what Redis says, which was told all that is known here.
    pub fn learn(&self, bucket: Bucket, learnt: i64, now: Timestamp) {
        keep(&mut self.all(), bucket, Cell { whole_at: now.0.saturating_add(learnt), unsaid: false }, now);
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.all().len()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Bucket, Cell>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn debt(all: &HashMap<Bucket, Cell>, bucket: Bucket, longest: i64, now: Timestamp) -> i64 {
    all.get(&bucket).map_or(0, |cell| cell.whole_at.saturating_sub(now.0).clamp(0, longest))
}

fn keep(all: &mut HashMap<Bucket, Cell>, bucket: Bucket, cell: Cell, now: Timestamp) {
    if all.len() >= MOST && !all.contains_key(&bucket) {
        make_room(all, now);
    }
    if cell.whole_at > now.0 {
        all.insert(bucket, cell);
    } else {
        all.remove(&bucket);
    }
}

/// Forgets what is whole; and when that is little, the half with the smaller debts: whoever makes addresses up to have
/// theirs forgotten loses the made up ones first. Each time pays for as many buckets as it forgets.
fn make_room(all: &mut HashMap<Bucket, Cell>, now: Timestamp) {
    all.retain(|_, cell| cell.whole_at > now.0);
    if all.len() > MOST / 2 {
        let mut times: Vec<i64> = all.values().map(|cell| cell.whole_at).collect();
        let middle = times.len() / 2;
        let (_, middle, _) = times.select_nth_unstable(middle);
        let middle = *middle;
        all.retain(|_, cell| cell.whole_at > middle);
    }
}
