use crate::api::Home;
use crate::report::{Row, percentile};
use crate::stage::Stage;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use services::identity::{SignUp, authenticate, sign_up};
use services::locale::Locale;
use services::work::{JobKind, NewJob, admin};
use services::{App, Doorway, Scope, SystemScope};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use worker::{Options, Registry};

const JOBS: usize = 20_000;
const STARTS: usize = 300;

#[derive(Clone, Serialize, Deserialize)]
struct Nothing {}

impl JobKind for Nothing {
    const KIND: &'static str = "bench.nothing";
}

pub async fn measure(stage: &Stage) -> Result<Vec<Row>> {
    stage.fresh_database("teranga_bench_jobs")?;
    let mut home = Home::served(stage, "teranga_bench_jobs")?;
    home.set("WORKER", "off");
    home.run(&stage.binary("api"), &["migrate"])?;
    let app = App::start(home.settings()?).await?;
    let scope = scope(&app).await?;
    let mut rows = drained(&app, &scope).await?;
    rows.push(started(&app, &scope).await?);
    Ok(rows)
}

async fn scope(app: &App) -> Result<Scope> {
    let input = SignUp {
        email: "jobs@teranga.example".into(),
        password: crate::api::PASSWORD.into(),
        display_name: "Jobs".into(),
        organization_name: Some("Jobs".into()),
        ..SignUp::default()
    };
    let session = sign_up(&Doorway::new(app, Locale::Fr), input).await?.session;
    let caller = authenticate(app, &session.access_token).await?;
    let scope = caller.and_then(|caller| caller.scope(app, Locale::Fr)).context("not signed in")?;
    Ok(Scope::system(app, scope.tenant(), Locale::Fr))
}

async fn enqueue(app: &App, scope: &Scope, jobs: usize) -> Result<()> {
    let txn = scope.begin().await?;
    for _ in 0..jobs {
        txn.enqueue(NewJob::new(app, &Nothing {})?);
    }
    Ok(txn.commit().await?)
}

fn options(starts: impl Fn() + Clone + Send + Sync + 'static) -> Options {
    let registry = Registry::default().organization(move |_, _, _: Nothing| {
        starts();
        async { Ok(()) }
    });
    Options { registry, schedules: Vec::new(), ..Options::default() }
}

async fn drained(app: &App, scope: &Scope) -> Result<Vec<Row>> {
    let began = Instant::now();
    for _ in 0..JOBS / 1_000 {
        enqueue(app, scope, 1_000).await?;
    }
    let enqueued = JOBS as f64 / began.elapsed().as_secs_f64();
    let (stop, ran) = (CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
    let counted = ran.clone();
    let options = options(move || _ = counted.fetch_add(1, Ordering::Relaxed));
    let began = Instant::now();
    let worker = tokio::spawn(worker::run(app.clone(), options, stop.clone()));
    while ran.load(Ordering::Relaxed) < JOBS || left(app).await? > 0 {
        ensure!(began.elapsed() < Duration::from_secs(120), "{} of {JOBS} ran", ran.load(Ordering::Relaxed));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let rate = JOBS as f64 / began.elapsed().as_secs_f64();
    stop.cancel();
    worker.await??;
    ensure!(ran.load(Ordering::Relaxed) == JOBS, "some ran twice");
    Ok(vec![
        Row::new("no-op jobs, 20,000 in the ledger, one worker", format!("{rate:.0}/s"), "—", "—", "≥ 5,000/s", rate >= 5_000.0),
        Row::new("… enqueued, a thousand a transaction", format!("{enqueued:.0}/s"), "—", "—", "—", true),
    ])
}

async fn left(app: &App) -> Result<u64> {
    let queues = admin::queues(&SystemScope::new(app), &[]).await?;
    Ok(queues.iter().map(|queue| u64::try_from(queue.waiting + queue.running).unwrap_or_default()).sum())
}

async fn started(app: &App, scope: &Scope) -> Result<Row> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    let options = options(move || _ = tell.send(Instant::now()));
    let worker = tokio::spawn(worker::run(app.clone(), options, stop.clone()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut millis = Vec::new();
    for _ in 0..STARTS {
        let began = Instant::now();
        enqueue(app, scope, 1).await?;
        let started = tokio::time::timeout(Duration::from_secs(10), told.recv()).await?;
        millis.push(1000.0 * started.map_or(10.0, |at| at.duration_since(began).as_secs_f64()));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    worker.await??;
    millis.sort_by(f64::total_cmp);
    let (half, most) = (percentile(&millis, 50), percentile(&millis, 99));
    let ours = format!("p50 {half:.1} ms, p99 {most:.1} ms");
    let held = half <= 5.0 && most <= 50.0;
    Ok(Row::new("start of a job on an idle worker, commit included", ours, "—", "—", "p50 ≤ 5 ms, p99 ≤ 50 ms", held))
}
