//! Work that happens later: the ledger of jobs.
//!
//! A *job* is a row written in the transaction of the change that calls for it, so neither exists without the other.
//! Its *kind* names what to do, its *queue* who does it, its payload carries ids. After the commit the [`Bell`] rings;
//! a worker *claims* the best due job of that queue, which may be another one, and holds a *lease* on it.
//!
//! Life cycle: queued → running → completed; or back to queued after a failure that may pass (a *retry*, later each
//! time), or dead when a rule refused it or its attempts are used up; an operator retries or discards what is dead.
//!
//! Rules that always hold:
//! - The claim counts the attempt, so a job that kills its process is dead after its last attempt, too.
//! - Only the holder of the lease's token finishes a job; whoever lost the lease is refused.
//! - A lease is 10 s and renewed every 3 s. When it runs out, the job becomes a *suspect*: of its queue one starts at a
//!   time, the next when it has ended or lived for 10 s. A suspect that died again runs when no other does.
//! - Among due jobs the priority decides, then the organisation with the fewest running, then the age.
//! - A *schedule* fires by inserting `(name, instant)` together with its job, so no instant fires twice.
//! - A job that writes completes itself in the transaction of its effects ([`Running::complete`]): exactly once.
//!
//! Left to the `worker` crate: the loops, the handlers, the list of schedules.

pub mod admin;
mod bell;
mod claim;
pub mod cleanup;
pub(crate) mod ledger;
pub mod schedules;
mod settle;
#[cfg(test)]
mod tests;

pub(crate) use bell::installation;
pub use bell::{Bell, Waiter, redis_answers};
pub use claim::{Claimer, LARGEST_CLAIM};
pub use entities::work::job::JobFailure;
pub use ledger::Running;
pub(crate) use ledger::{write, write_for_tenants};
pub use settle::{Failure, Held, Outcome, Swept, renew, settle, sweep};

use crate::{App, Result};
use chrono::TimeDelta;
pub use entities::work::JobId;
use entities::{TenantId, Timestamp};
use serde::Serialize;
use std::time::Duration;

/// How long a claim lasts without being renewed.
const LEASE: TimeDelta = TimeDelta::seconds(10);

/// What a job does: its name, its queue and how often it may be tried. Implemented by the payload it carries.
pub trait JobKind: Serialize {
    const KIND: &'static str;
    const QUEUE: &'static str = "default";
    const MAX_ATTEMPTS: i32 = 10;
    /// 0 first, 3 last.
    const PRIORITY: i32 = 1;
    /// A run that lasts longer is stopped and counts as failed.
    const TIMEOUT: Duration = Duration::from_secs(300);
    /// How many of its queue one process runs at the same time, at most.
    const AT_ONCE: usize = usize::MAX;
}

/// A job about to be written.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub id: JobId,
    pub queue: &'static str,
    pub kind: &'static str,
    pub payload: String,
    pub priority: i32,
    /// None: now.
    pub run_at: Option<Timestamp>,
    pub max_attempts: i32,
    pub unique_key: Option<String>,
}

impl NewJob {
    pub fn new<J: JobKind>(app: &App, job: &J) -> Result<Self> {
        Ok(Self {
            id: app.new_id(),
            queue: J::QUEUE,
            kind: J::KIND,
            payload: serde_json::to_string(job)?,
            priority: J::PRIORITY,
            run_at: None,
            max_attempts: J::MAX_ATTEMPTS,
            unique_key: None,
        })
    }

    #[must_use]
    pub fn at(mut self, run_at: Timestamp) -> Self {
        self.run_at = Some(run_at);
        self
    }

    /// Dropped when an unfinished job of the same queue and organisation has the key.
    #[must_use]
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.unique_key = Some(key.into());
        self
    }
}

/// The tenant of jobs that belong to no organisation.
pub const PLATFORM: TenantId = TenantId::NIL;
