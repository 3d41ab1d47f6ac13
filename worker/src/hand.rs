use services::work::{Held, JobId, Running};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// What a process holds of one queue: each claimed job from its claim until its end is written.
#[derive(Default)]
pub struct Hand {
    held: Mutex<HashMap<JobId, Card>>,
    freed: Notify,
    /// A running mean of how long jobs take, in microseconds.
    mean_micros: AtomicU64,
}

struct Card {
    token: Uuid,
    started: bool,
    lost: CancellationToken,
    suspect: Option<Suspect>,
}

/// What keeps suspects apart, for as long as one is held.
pub struct Suspect {
    /// Its queue's next suspect waits for this.
    pub turn: Option<OwnedSemaphorePermit>,
    /// Its place among those that may run beside each other; who may not has taken all places.
    pub _place: OwnedSemaphorePermit,
}

/// A claimed job on its way through apalis.
#[derive(Clone)]
pub struct Run(Arc<RunParts>);

struct RunParts {
    job: Running,
    lost: CancellationToken,
}

impl Run {
    pub fn job(&self) -> &Running {
        &self.0.job
    }
    /// Cancelled when the lease is lost: somebody else has the job now.
    pub fn lost(&self) -> &CancellationToken {
        &self.0.lost
    }
    pub fn held(&self) -> Held {
        (self.0.job.id, self.0.job.lease_token.unwrap_or_default())
    }
}

/// Jobs that fit into this time are claimed ahead of those that run.
const AHEAD: Duration = Duration::from_millis(20);
const MOST_AHEAD: u64 = 64;

impl Hand {
    /// Takes a job in hand.
    pub fn take(&self, job: Running, suspect: Option<Suspect>) -> Run {
        let run = Run(Arc::new(RunParts { job, lost: CancellationToken::new() }));
        let (id, token) = run.held();
        self.held().insert(id, Card { token, started: false, lost: run.0.lost.clone(), suspect });
        run
    }

    pub fn start(&self, id: JobId) {
        if let Some(card) = self.held().get_mut(&id) {
            card.started = true;
        }
    }

    /// Whether it is in hand and has not started.
    pub fn waits(&self, id: JobId) -> bool {
        self.held().get(&id).is_some_and(|card| !card.started)
    }

    /// Lets the next suspect of the queue start beside this one.
    pub fn let_pass(&self, id: JobId) {
        if let Some(suspect) = self.held().get_mut(&id).and_then(|card| card.suspect.as_mut()) {
            suspect.turn = None;
        }
    }

    /// Lets go of a job whose end is written, or which is somebody else's.
    pub fn put_down(&self, id: JobId) {
        drop(self.held().remove(&id));
        self.freed.notify_one();
    }

    /// Tells the work of a lost job to stop.
    pub fn lose(&self, id: JobId) {
        if let Some(card) = self.held().get(&id) {
            card.lost.cancel();
        }
    }

    /// All that is held, and whether it has started.
    pub fn all(&self) -> Vec<(Held, bool)> {
        self.held().iter().map(|(id, card)| ((*id, card.token), card.started)).collect()
    }

    pub fn took(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let mean = self.mean_micros.load(Ordering::Relaxed);
        let next = if mean == 0 { micros } else { mean - mean / 8 + micros / 8 };
        self.mean_micros.store(next.max(1), Ordering::Relaxed);
    }

    /// Waits until a claim is worth it, and says how many jobs it may take: as many as can start at once, and more of
    /// those so short that fetching them one by one would take longer than running them.
    pub async fn room(&self, concurrency: usize) -> usize {
        loop {
            let ahead = self.ahead(concurrency);
            let room = (concurrency + ahead).saturating_sub(self.held().len());
            if room > ahead / 2 {
                return room;
            }
            self.freed.notified().await;
        }
    }

    fn ahead(&self, concurrency: usize) -> usize {
        match self.mean_micros.load(Ordering::Relaxed) {
            0 => 0,
            mean => ((AHEAD.as_micros() as u64 * concurrency as u64 / mean).min(MOST_AHEAD)) as usize,
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<JobId, Card>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
