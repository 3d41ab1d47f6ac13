//! Kinds of job that only tests have, and the process that runs them: this test binary, started again.

use serde::{Deserialize, Serialize};
use services::alerts::evaluate::{EvaluateStockAlerts, evaluate_tenant};
use services::events::NewEvent;
use services::settings::Settings;
use services::work::schedules::{CatchUp, Schedule};
use services::work::{JobKind, NewJob, Running};
use services::{App, Result, Scope, Timestamp};
use std::sync::Mutex;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use worker::{Options, Registry};

/// Takes a while, then leaves one mark in the same transaction that completes it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Mark {
    pub n: usize,
    pub millis: u64,
}

impl JobKind for Mark {
    const KIND: &'static str = "test.mark";
    const MAX_ATTEMPTS: i32 = 30;
}

/// Takes as long as a large import, in its queue.
#[derive(Clone, Serialize, Deserialize)]
pub struct Slow {
    pub millis: u64,
}

impl JobKind for Slow {
    const KIND: &'static str = "test.slow";
    const QUEUE: &'static str = "imports";
}

/// Of a queue whose places in a process are few; says how many of it ran at the same time.
#[derive(Clone, Serialize, Deserialize)]
pub struct Narrow {}

impl JobKind for Narrow {
    const KIND: &'static str = "test.narrow";
    const QUEUE: &'static str = "narrow";
    const AT_ONCE: usize = 3;
}

/// How many narrow jobs run in this process, and the most that ever did.
pub static NARROW: Mutex<(usize, usize)> = Mutex::new((0, 0));

async fn narrow() {
    let step = |change: fn(usize) -> usize| {
        let mut narrow = NARROW.lock().unwrap();
        narrow.0 = change(narrow.0);
        narrow.1 = narrow.1.max(narrow.0);
    };
    step(|running| running + 1);
    tokio::time::sleep(Duration::from_millis(50)).await;
    step(|running| running - 1);
}

/// Ends its process.
#[derive(Clone, Serialize, Deserialize)]
pub struct Abort {}

impl JobKind for Abort {
    const KIND: &'static str = "test.abort";
    const MAX_ATTEMPTS: i32 = 3;
}

/// Panics.
#[derive(Clone, Serialize, Deserialize)]
pub struct Panic {}

impl JobKind for Panic {
    const KIND: &'static str = "test.panic";
    const MAX_ATTEMPTS: i32 = 1;
}

/// Never ends by itself.
#[derive(Clone, Serialize, Deserialize)]
pub struct Endless {}

impl JobKind for Endless {
    const KIND: &'static str = "test.endless";
    const MAX_ATTEMPTS: i32 = 1;
    const TIMEOUT: Duration = Duration::from_millis(200);
}

/// Of a kind that no version knows.
#[derive(Clone, Serialize, Deserialize)]
pub struct Unknown {}

impl JobKind for Unknown {
    const KIND: &'static str = "test.unknown";
}

/// Does nothing.
#[derive(Clone, Serialize, Deserialize)]
pub struct Nothing {}

impl JobKind for Nothing {
    const KIND: &'static str = "test.nothing";
}

/// Says when it started.
#[derive(Clone, Serialize, Deserialize)]
pub struct Clocked {}

impl JobKind for Clocked {
    const KIND: &'static str = "test.clocked";
}

/// Made by the schedule of the tests, for one instant.
#[derive(Clone, Serialize, Deserialize)]
pub struct Tick {
    pub at: Timestamp,
}

impl JobKind for Tick {
    const KIND: &'static str = "test.tick";
}

/// Fires each minute, and makes up for each it missed.
pub fn each_minute() -> Schedule {
    let job = |app: &App, at| NewJob::new(app, &Tick { at });
    Schedule { name: "test-each-minute", cron: "* * * * *", time_zone: chrono_tz::UTC, catch_up: CatchUp::All, job }
}

pub const MARKS: &str = "marks";

async fn mark(scope: &Scope, job: &Running, payload: Mark) -> Result<()> {
    tokio::time::sleep(Duration::from_millis(payload.millis)).await;
    let txn = scope.begin().await?;
    txn.record(NewEvent::new(MARKS, "Marked", serde_json::json!({ "n": payload.n })));
    job.complete(&txn).await?;
    txn.commit().await
}

pub fn registry() -> Registry {
    Registry::default()
        .organization(|scope, job, payload: Mark| async move { mark(&scope, &job, payload).await })
        .organization(|_, _, payload: Slow| async move {
            tokio::time::sleep(Duration::from_millis(payload.millis)).await;
            Ok(())
        })
        .organization(|scope, job, payload: EvaluateStockAlerts| async move { evaluate_tenant(&scope, &job, payload).await })
        .organization(|_, _, _: Narrow| async {
            narrow().await;
            Ok(())
        })
        .organization(|_, _, _: Abort| async { std::process::abort() })
        .organization(|_, _, _: Panic| async { panic!("the roof is on fire") })
        .organization(|_, _, _: Endless| std::future::pending())
        .organization(|_, _, _: Nothing| async { Ok(()) })
        .platform(|_, _, _: Tick| async { Ok(()) })
        .organization(|scope, _, _: Clocked| async move {
            crate::speed::STARTS.lock().unwrap().push(scope.now());
            Ok(())
        })
}

pub fn options() -> Options {
    Options { registry: registry(), schedules: Vec::new(), ..Options::default() }
}

pub const PROCESS: &str = "TERANGA_TEST_WORKER_GRACE";
/// Has the process keep the schedule of the tests, too.
pub const SCHEDULE: &str = "TERANGA_TEST_WORKER_SCHEDULE";

#[test]
#[ignore = "the process other tests start"]
fn process() {
    let Some(grace) = std::env::var(PROCESS).ok().and_then(|millis| millis.parse().ok()) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let app = App::start(Settings::from_env().unwrap()).await.unwrap();
        let stop = CancellationToken::new();
        let (mut terminate, on_signal) = (signal(SignalKind::terminate()).unwrap(), stop.clone());
        tokio::spawn(async move {
            terminate.recv().await;
            on_signal.cancel();
        });
        let schedules = if std::env::var(SCHEDULE).is_ok() { vec![each_minute()] } else { Vec::new() };
        let options = Options { grace: Duration::from_millis(grace), schedules, ..options() };
        worker::run(app, options, stop).await.unwrap();
    });
}
