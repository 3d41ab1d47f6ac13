//! The worker: runs the jobs of the ledger, and fires the schedules.
//!
//! A process serves the queues of its [`Registry`]. For each queue a loop claims jobs from the ledger (`services::work`)
//! into a channel, apalis runs them from there under its layers (concurrency, a task each, panics caught), and another
//! loop writes how they ended. Beside them: one loop renews the leases of what is in hand, one takes back what dead
//! workers held, one runs such suspects apart from each other, one fires the schedules.
//!
//! On a stop, claiming ends at once; what runs has a grace; what is still in hand then is given back to the ledger.

mod alerts;
mod audit;
pub mod backend;
mod data_imports;
mod files;
mod hand;
mod identity;
mod inventory;
pub mod listen;
mod loops;
mod notifications;
mod pulse;
mod registry;
pub mod schedules;
mod work;

pub use pulse::Pulse;
pub use registry::{Entry, Registry};

use apalis::prelude::*;
use apalis_core::worker::context::WorkerContext;
use apalis_core::worker::ext::parallelize::ParallelizeExt;
use backend::{Ack, AckLayer, Failure, LedgerBackend};
use hand::{Hand, Run};
use loops::Line;
use services::work::schedules::Schedule;
use services::work::{Outcome, settle};
use services::{App, SystemScope, tracking};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

/// The kinds of job of this version, domain by domain.
pub fn registry() -> Registry {
    [work::jobs, alerts::jobs, audit::jobs, data_imports::jobs, files::jobs, identity::jobs, inventory::jobs, notifications::jobs]
        .into_iter()
        .fold(Registry::default(), |all, domain| domain(all))
}

/// How a process works.
#[derive(Clone)]
pub struct Options {
    pub registry: Registry,
    pub schedules: Vec<Schedule>,
    /// Jobs of one queue that run at the same time, unless its kinds allow fewer.
    pub concurrency: usize,
    /// How long running jobs may go on after a stop.
    pub grace: Duration,
    /// Where it shows which of its loops run.
    pub pulse: Pulse,
}

impl Default for Options {
    fn default() -> Self {
        Self { registry: registry(), schedules: schedules::all(), concurrency: 16, grace: Duration::from_secs(25), pulse: Pulse::default() }
    }
}

/// Works inside another process until `stop`; the handle ends when all is given back.
pub fn start_embedded(app: App, pulse: Pulse, stop: CancellationToken) -> JoinHandle<anyhow::Result<()>> {
    tokio::spawn(run(app, Options { concurrency: 4, grace: Duration::from_secs(10), pulse, ..Options::default() }, stop))
}

/// Works until `stop`, then lets running jobs end within the grace and gives the others back.
pub async fn run(app: App, options: Options, stop: CancellationToken) -> anyhow::Result<()> {
    let closing = CancellationToken::new();
    let (grace, pulse) = (options.grace, options.pulse.clone());
    // The grace counts from the stop: the timer is made when it is first waited for.
    let monitor = Monitor::new().with_terminator(async move { tokio::time::sleep(grace).await });
    let mut monitor = monitor.should_restart(|worker, _| worker.restarts() < 100);
    let (mut claiming, mut keeping, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for queue in options.registry.queues() {
        let concurrency = options.concurrency.min(options.registry.at_once(queue));
        let (runs, received) = mpsc::channel(256);
        let (acks, ends) = mpsc::unbounded_channel();
        let line = Line { queue, hand: Arc::default(), runs };
        let ack_layer = AckLayer { app: app.clone(), hand: line.hand.clone(), acks };
        monitor = register(monitor, &app, (queue, &options.registry, concurrency), received, ack_layer);
        let feed = loops::feed(app.clone(), line.clone(), concurrency, stop.clone());
        claiming.push(pulse.spawn("worker.claims", &stop, feed));
        keeping.push(pulse.spawn("worker.ends", &stop, loops::acks(app.clone(), line.hand.clone(), ends, closing.clone())));
        lines.push(line);
    }
    let hands: Vec<Arc<Hand>> = lines.iter().map(|line| line.hand.clone()).collect();
    claiming.push(pulse.spawn("worker.suspects", &stop, loops::suspects(app.clone(), lines, stop.clone())));
    let tidy = loops::tidy(app.clone(), options.registry.queues(), stop.clone());
    claiming.push(pulse.spawn("worker.sweep", &stop, tidy));
    let schedules = schedules::run(app.clone(), options.schedules.clone(), stop.clone());
    claiming.push(pulse.spawn("worker.schedules", &stop, schedules));
    keeping.push(pulse.spawn("worker.leases", &stop, loops::keep(app.clone(), hands.clone(), closing.clone())));

    let until = stop.clone();
    // Spawned rather than awaited here: its future with caught panics is not known to be `Send` otherwise.
    let ran = tokio::spawn(monitor.run_with_signal(async move {
        until.cancelled().await;
        Ok(())
    }))
    .await;
    let asked = stop.is_cancelled();
    stop.cancel();
    futures_util::future::join_all(claiming).await;
    closing.cancel();
    let _ = tokio::time::timeout(Duration::from_secs(5), futures_util::future::join_all(keeping)).await;
    give_back(&app, &hands).await;
    ran??;
    if asked { Ok(()) } else { Err(anyhow::anyhow!("the queue workers ended by themselves")) }
}

/// Adds the apalis worker of one queue.
fn register(
    monitor: Monitor,
    app: &App,
    (queue, registry, concurrency): (&str, &Registry, usize),
    runs: mpsc::Receiver<Run>,
    acks: AckLayer,
) -> Monitor {
    let (runs, name) = (Arc::new(Mutex::new(runs)), format!("{queue}-{}", std::process::id()));
    let (app, registry) = (app.clone(), Arc::new(registry.clone()));
    monitor.register(move |_| {
        WorkerBuilder::new(name.clone())
            .backend(LedgerBackend::new(runs.clone(), acks.clone()))
            .data(app.clone())
            .data(registry.clone())
            .concurrency(concurrency)
            .parallelize(|work| AbortOnDropHandle::new(tokio::spawn(work)))
            .catch_panic()
            .build(handle)
    })
}

/// Runs one job, as long as it may and while it is ours.
async fn handle(run: Run, app: Data<App>, registry: Data<Arc<Registry>>, _: WorkerContext) -> Result<(), Failure> {
    let job = run.job();
    let entry = registry.get(&job.kind).ok_or(Failure::UnknownKind)?;
    let span = tracing::info_span!("job", job.kind = entry.kind, job.id = %job.id, tenant.id = %job.tenant, request.id = job.trace);
    let tags = vec![("job.id", job.id.to_string()), ("job.kind", entry.kind.to_owned())];
    let work = tracking::within(tags, entry.run((*app).clone(), job.clone())).instrument(span);
    tokio::select! {
        done = tokio::time::timeout(entry.timeout, work) => done.map_err(|_| Failure::TimedOut)?.map_err(Failure::Error),
        () = run.lost().cancelled() => Err(Failure::Lost),
    }
}

/// Gives back what is still in hand when the process ends: unstarted jobs whole, interrupted ones less an attempt.
async fn give_back(app: &App, hands: &[Arc<Hand>]) {
    let back = |started| if started { Outcome::Interrupted } else { Outcome::Unstarted };
    let rest: Vec<Ack> = hands.iter().flat_map(|hand| hand.all()).map(|(held, started)| (held, back(started))).collect();
    for rest in rest.chunks(100) {
        match settle(&SystemScope::new(app), rest).await {
            Ok(_) => tracing::info!("gave {} unfinished jobs back to the ledger", rest.len()),
            Err(error) => tracing::warn!("could not give jobs back; their leases run out within 10 s: {error}"),
        }
    }
}
