//! What goes on beside the jobs: claiming, writing ends, renewing leases, taking back what dead workers held.

use crate::backend::Ack;
use crate::hand::{Hand, Run, Suspect};
use services::tracking;
use services::work::{Claimer, Running, Swept, admin, renew, settle, sweep};
use services::{App, SystemScope};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// How many ends one statement writes.
const MOST_ACKS: usize = 100;
/// How long a claim that is under way at the stop is waited for.
const LAST_CLAIM: Duration = Duration::from_secs(3);
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// With the lease of ten seconds and the second in which suspects are looked for: what a dead worker held runs again within twelve.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
const MEASURE_EVERY: Duration = Duration::from_secs(10);
/// How long a suspect is waited for before the next one of its queue starts beside it.
const SUSPENSE: Duration = Duration::from_secs(10);
/// The most suspects beside each other.
const PLACES: u32 = 1000;

/// One queue of this process.
#[derive(Clone)]
pub struct Line {
    pub queue: &'static str,
    pub hand: Arc<Hand>,
    pub runs: mpsc::Sender<Run>,
}

/// Claims whenever the bell rings, whenever there was more than fitted, and each second in any case.
pub async fn feed(app: App, line: Line, concurrency: usize, stop: CancellationToken) {
    let mut claimer = Claimer::new(&app, line.queue);
    let mut waiter = app.bell().waiter(line.queue).await;
    let mut trouble = Trouble::default();
    while let Some(room) = stop.run_until_cancelled(line.hand.room(concurrency)).await {
        // A claim that is under way is waited for: what it took would be nobody's until its lease is over.
        let claimed = tokio::select! {
            claimed = claimer.claim(room) => claimed,
            () = async { stop.cancelled().await; tokio::time::sleep(LAST_CLAIM).await } => return,
        };
        let rest = async {
            match claimed {
                Ok(jobs) => {
                    trouble.is_over("claiming jobs");
                    let taken: Vec<Run> = jobs.into_iter().map(|job| line.hand.take(job, None)).collect();
                    let more = taken.len() >= room;
                    for run in taken {
                        let _ = line.runs.send(run).await;
                    }
                    if !more {
                        waiter.wait(room).await;
                    }
                }
                Err(error) => trouble.tell("claiming jobs", &error).await,
            }
        };
        stop.run_until_cancelled(rest).await;
    }
}

/// Runs the jobs that some process died holding. Any of them may be what killed it, and what kills does so soon: of a queue
/// one starts at a time, and the next when it has ended or lived for a while. One that died so again runs when no other
/// does, so that even what kills late takes nobody along twice.
pub async fn suspects(app: App, lines: Vec<Line>, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(PLACES as usize));
    let claiming = Arc::new(Mutex::new(()));
    let queues = lines.into_iter().map(|line| suspects_of(app.clone(), line, places.clone(), claiming.clone()));
    stop.run_until_cancelled(futures_util::future::join_all(queues)).await;
}

async fn suspects_of(app: App, line: Line, places: Arc<Semaphore>, claiming: Arc<Mutex<()>>) {
    let (claimer, turns) = (Claimer::new(&app, line.queue), Arc::new(Semaphore::new(1)));
    loop {
        let Ok(turn) = turns.clone().acquire_owned().await else { return };
        let found = {
            // One queue at a time, for each takes all free places while it looks.
            let _claiming = claiming.lock().await;
            next_suspect(&claimer, &places).await
        };
        match found {
            Ok(Some((job, place))) => {
                let (id, alone) = (job.id, place.num_permits() > 1);
                let _ = line.runs.send(line.hand.take(job, Some(Suspect { turn: Some(turn), _place: place }))).await;
                if !alone {
                    let hand = line.hand.clone();
                    tokio::spawn(async move {
                        while hand.waits(id) {
                            tokio::time::sleep(Duration::from_secs(1)).await;
                        }
                        tokio::time::sleep(SUSPENSE).await;
                        hand.let_pass(id);
                    });
                }
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "could not look for suspects"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// The next suspect of a queue and the places it takes: all where it died more than once.
async fn next_suspect(claimer: &Claimer, places: &Arc<Semaphore>) -> services::Result<Option<(Running, OwnedSemaphorePermit)>> {
    let all = places.clone().try_acquire_many_owned(PLACES);
    let Ok(mut place) = all.or_else(|_| places.clone().try_acquire_owned()) else { return Ok(None) };
    let job = claimer.claim_suspect(place.num_permits() > 1).await?;
    Ok(job.map(|job| match job.crashes {
        ..=1 => (job, place.split(1).unwrap_or(place)),
        _ => (job, place),
    }))
}

/// Writes how jobs ended, many at once when many end at once. Ends when the last job has.
pub async fn acks(app: App, hand: Arc<Hand>, mut ends: mpsc::UnboundedReceiver<Ack>, closing: CancellationToken) {
    let system = SystemScope::new(&app);
    let mut batch: Vec<Ack> = Vec::with_capacity(MOST_ACKS);
    loop {
        tokio::select! {
            biased;
            n = ends.recv_many(&mut batch, MOST_ACKS) => if n == 0 { return },
            () = closing.cancelled() => return,
        }
        let mut trouble = Trouble::default();
        loop {
            match settle(&system, &batch).await {
                Ok(lost) => {
                    trouble.is_over("writing how jobs ended");
                    for id in lost {
                        tracing::warn!(job.id = %id, "a job ended after its lease was lost; its end counts for nothing");
                    }
                    break;
                }
                Err(error) => trouble.tell("writing how jobs ended", &error).await,
            }
        }
        for ((id, _), _) in batch.drain(..) {
            hand.put_down(id);
        }
    }
}

/// Renews the leases of all that is in hand, and stops the work of what was lost.
pub async fn keep(app: App, hands: Vec<Arc<Hand>>, closing: CancellationToken) {
    let system = SystemScope::new(&app);
    let mut trouble = Trouble::default();
    let work = async {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            for hand in &hands {
                let held: Vec<_> = hand.all().into_iter().map(|(held, _)| held).collect();
                match renew(&system, &held).await {
                    Ok(lost) => lost.into_iter().for_each(|id| hand.lose(id)),
                    Err(error) => trouble.tell("renewing leases", &error).await,
                }
            }
        }
    };
    closing.run_until_cancelled(work).await;
}

/// Takes back what dead workers held, and measures the queues.
pub async fn tidy(app: App, queues: Vec<&'static str>, stop: CancellationToken) {
    let system = SystemScope::new(&app);
    let mut trouble = Trouble::default();
    let mut measured: Option<tokio::time::Instant> = None;
    let work = async {
        loop {
            match sweep(&system).await {
                Ok(swept) => swept.iter().for_each(tell_swept),
                Err(error) => trouble.tell("looking for dead workers", &error).await,
            }
            if measured.is_none_or(|at| at.elapsed() >= MEASURE_EVERY) {
                measured = Some(tokio::time::Instant::now());
                measure(&system, &queues).await;
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    };
    stop.run_until_cancelled(work).await;
}

fn tell_swept(swept: &Swept) {
    if swept.state == "DEAD" {
        metrics::counter!("jobs_finished_total", "kind" => swept.kind.clone(), "outcome" => "dead").increment(1);
        tracing::error!(job.id = %swept.id, "job {} is dead: its workers died with it until its attempts were used up", swept.kind);
        let tags = [("job.id", &*swept.id.to_string()), ("job.kind", &*swept.kind)];
        tracking::report(tracking::Trouble::DeadJob, "its workers died with it until its attempts were used up", &tags);
    } else {
        tracing::warn!(job.id = %swept.id, "the worker of job {} died; the job waits to run alone", swept.kind);
    }
}

async fn measure(system: &SystemScope, queues: &[&str]) {
    let Ok(depths) = admin::queues(system, queues).await else { return };
    for depth in depths {
        let age = depth.oldest.map_or(0.0, |at| (system.now().since(at).num_milliseconds() as f64 / 1e3).max(0.0));
        metrics::gauge!("job_queue_depth", "queue" => depth.name.clone()).set(depth.waiting as f64);
        metrics::gauge!("job_oldest_age_seconds", "queue" => depth.name).set(age);
    }
}

/// A database that is away is told of once, and tried again without haste.
#[derive(Default)]
struct Trouble {
    told: bool,
}

impl Trouble {
    async fn tell(&mut self, doing: &str, error: &services::Error) {
        if !self.told {
            tracing::warn!("{doing} failed and is tried again: {error}");
            self.told = true;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    fn is_over(&mut self, doing: &str) {
        if std::mem::take(&mut self.told) {
            tracing::info!("{doing} works again");
        }
    }
}
