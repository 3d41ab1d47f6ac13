//! Work that happens later: the ledger of jobs.
//!
//! A *job* is a row written in the transaction of the change that calls for it, so neither exists without the other.
//! Its *kind* names what to do, its *queue* who does it, its payload carries ids. After the commit the [`Bell`] rings;
//! a worker claims the best due job of that queue, which may be another one.

mod bell;
pub(crate) mod ledger;

pub use bell::{Bell, Waiter, redis_answers};
pub use ledger::Running;
pub(crate) use ledger::{write, write_for_tenants};

use crate::{App, Result};
use entities::work::JobId;
use entities::{TenantId, Timestamp};
use serde::Serialize;

/// What a job does: its name, its queue and how often it may be tried. Implemented by the payload it carries.
pub trait JobKind: Serialize {
    const KIND: &'static str;
    const QUEUE: &'static str = "default";
    const MAX_ATTEMPTS: i32 = 10;
    /// 0 first, 3 last.
    const PRIORITY: i32 = 1;
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
