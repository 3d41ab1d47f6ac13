//! Limits: how much one person, or one address without a person, may ask in an hour.
//!
//! Nouns. A *unit* is what is counted: 200 points of an operation's cost, begun; the edge counts them. A *quota* is a setting:
//! so many units an hour in the long run, so many at once. A *bucket* belongs to a user or to an address (of IPv6 the first
//! 64 bits, for those a subscriber has all of). Its *debt* is how long it takes to be whole again.
//!
//! The rule is GCRA, the generic cell rate algorithm ([`quota`]): a unit adds to the debt the time in which one comes back, and
//! what would take the debt over that of a whole burst is refused and adds nothing. So a bucket is one number, time alone
//! empties it, and no window opens all at once.
//!
//! Where Redis is, the number lies there: one script, one round trip for each operation, decided as a whole by Redis's own clock,
//! so that any number of processes let exactly the quota through. A trip was measured at 40 µs, 25 µs of processor
//! in both programs together, where a movement takes 770. So no units are taken ahead: what a process held in store would be
//! missed by the others. What needs no trip: an operation that does not fit what Redis last said of the bucket, less what came back
//! since. A flood ends here.
//!
//! Without Redis, or while it is away or slow, a process counts by itself ([`cells`]), from what it knew. Each unit then weighs as
//! much as there were processes: each gives out its share, and all together no more than the quota. An operation waits for
//! Redis 200 ms at most; the first that does so in vain makes all later ones count here, until Redis answers again ([`shared`]).
//!
//! A door that is opened for somebody gives its unit back to the address and takes it from the person; where half of
//! a burst is gone, a wrong guess weighs five, but for that of a person at a device of theirs ([`crate::identity`], `trust`). So a
//! school behind one address signs in, and whoever goes on guessing there is slowed down.
//!
//! Always true: whoever is refused is told when it would pass; an operation dearer than a whole burst passes when the bucket
//! is whole; what is kept of buckets is bounded, here and in Redis, and gone when they are whole.

mod bucket;
mod cells;
mod quota;
mod shared;

#[cfg(test)]
mod tests;

pub use bucket::{Bucket, network};
pub use quota::{DEAREST, Quota, Quotas};

use crate::settings::Settings;
use crate::{Result, work};
use cells::Cells;
use entities::Timestamp;
use quota::Ask;
use shared::Link;
use std::sync::Arc;
use std::time::Duration;

/// Counts what is asked of this process, together with the others where it can.
pub struct Limiter {
    quotas: Quotas,
    cells: Cells,
    link: Option<Arc<Link>>,
}

/// A bucket after it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Whose kind of bucket it is.
    pub kind: &'static str,
    pub quota: Quota,
    /// Units to be had at once.
    pub remaining: u64,
    /// How long until the bucket is whole.
    pub whole_in: Duration,
}

impl Allowance {
    /// Whether less than half of a burst is left.
    pub fn is_low(&self) -> bool {
        self.remaining * 2 < self.quota.burst()
    }
}

/// What became of an ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Nobody counts.
    Unlimited,
    Granted(Allowance),
    Refused {
        /// How long until the same would pass.
        wait: Duration,
        /// The bucket, untouched.
        allowance: Allowance,
    },
}

impl Limiter {
    pub(crate) fn new(settings: &Settings) -> Result<Self> {
        let link = settings.redis_url.as_deref().map(|url| Link::to(url, &work::installation(&settings.database.url)));
        Ok(Self { quotas: settings.quotas, cells: Cells::default(), link: link.transpose()?.map(Arc::new) })
    }

    /// Takes units from a bucket, or says how long to wait for them.
    pub async fn take(&self, bucket: Bucket, units: u64, now: Timestamp) -> Taken {
        let Some(quota) = self.quota(bucket) else { return Taken::Unlimited };
        let ask = Ask::of(quota, units);
        let known = self.cells.debt(bucket, quota.longest(), now);
        let decided = match ask.decide(known) {
            Err(wait) => Err((known, wait)),
            Ok(_) => self.decide(bucket, &ask, now).await,
        };
        match decided {
            Ok(debt) => Taken::Granted(allowance(bucket, quota, debt)),
            Err((debt, wait)) => Taken::Refused { wait: micros(wait), allowance: allowance(bucket, quota, debt) },
        }
    }

    /// Adds units whether there is room for them or not, so that whoever comes next waits longer; or gives units back.
    pub async fn settle(&self, bucket: Bucket, units: i64, now: Timestamp) {
        let Some(quota) = self.quota(bucket) else { return };
        // There is always room.
        let _ = self.decide(bucket, &Ask::settling(quota, units), now).await;
    }

    /// What this process knows of a bucket, without asking anybody.
    pub fn look(&self, bucket: Bucket, now: Timestamp) -> Option<Allowance> {
        self.quota(bucket).map(|quota| allowance(bucket, quota, self.cells.debt(bucket, quota.longest(), now)))
    }

    /// The debt afterwards; or the debt as it is, and how long to wait.
    async fn decide(&self, bucket: Bucket, ask: &Ask, now: Timestamp) -> std::result::Result<i64, (i64, i64)> {
        let Some(link) = &self.link else { return self.cells.take(bucket, ask, now) };
        let unsaid = self.cells.unsaid(bucket, ask.longest, now);
        let Some((granted, debt)) = link.take(bucket, ask, unsaid).await else {
            return self.cells.take(bucket, &ask.for_one_of(link.processes()), now);
        };
        self.cells.learn(bucket, debt, now);
        if granted { Ok(debt) } else { Err((debt, ask.wait(debt))) }
    }

    fn quota(&self, bucket: Bucket) -> Option<Quota> {
        match bucket {
            Bucket::User(_) => self.quotas.user,
            Bucket::Address(_) => self.quotas.address,
        }
    }
}

fn allowance(bucket: Bucket, quota: Quota, debt: i64) -> Allowance {
    Allowance { kind: bucket.kind(), quota, remaining: quota.remaining(debt), whole_in: micros(debt) }
}

fn micros(time: i64) -> Duration {
    Duration::from_micros(u64::try_from(time).unwrap_or(0))
}
