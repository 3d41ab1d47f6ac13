//! The worker's command line.

use anyhow::{Context, bail};
use chrono_tz::Tz;
use clap::{Parser, Subcommand};
use services::settings::{LogFormat, Settings};
use services::work::{PLATFORM, schedules::Schedule};
use services::work::{Running, admin, schedules::timetables};
use services::{App, SystemScope, health, measuring, tracking};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use worker::listen::{self, Pages};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Teranga's worker. Without a command it works until it is stopped.
#[derive(Parser)]
#[command(name = "worker", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run jobs and fire schedules until stopped (the default); with a schedule's name, run that once and exit.
    Run {
        /// A schedule's name, such as `cleanup`; a failure exits with an error.
        schedule: Option<String>,
    },
    /// Show the schedules and the queues.
    List,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(act(arguments.command.unwrap_or(Command::Run { schedule: None })))
}

async fn act(command: Command) -> anyhow::Result<()> {
    let settings = Settings::from_env();
    let settings = settings.map_err(|faults| anyhow::anyhow!("the settings have faults:\n  - {}", faults.join("\n  - ")))?;
    log_to_stderr(&settings);
    let _tracking = tracking::start(&settings, env!("CARGO_PKG_VERSION"));
    let app = start(settings).await?;
    match command {
        Command::Run { schedule: None } => work(app).await,
        Command::Run { schedule: Some(name) } => once(app, &name).await,
        Command::List => list(app).await,
    }
}

async fn work(app: App) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    health::warn_without_redis(&app).await;
    let options = worker::Options::default();
    if let Some(bind) = app.settings().worker_bind {
        let listener = TcpListener::bind(bind).await.with_context(|| format!("cannot listen on {bind}; is it taken? Set WORKER_BIND."))?;
        tracing::info!("health and figures: http://{}", listener.local_addr()?);
        let pages = Pages { app: app.clone(), pulse: options.pulse.clone(), metrics: measuring::install() };
        tokio::spawn(listen::serve(listener, pages, stop.clone()));
    }
    tracing::info!("working on the queues {}", options.registry.queues().join(", "));
    worker::run(app, options, stop).await
}

/// Runs what a schedule would make, here and now.
async fn once(app: App, name: &str) -> anyhow::Result<()> {
    let schedule = find(name)?;
    let job = (schedule.job)(&app, app.now())?;
    let registry = worker::registry();
    let entry = registry.get(job.kind).with_context(|| format!("nothing runs jobs of the kind {}", job.kind))?;
    let started = Instant::now();
    entry.run(app, Running::detached_of(PLATFORM, job)).await.with_context(|| format!("{name} failed"))?;
    tracing::info!("{name} done in {} ms", started.elapsed().as_millis());
    Ok(())
}

fn find(name: &str) -> anyhow::Result<Schedule> {
    let all = worker::schedules::all();
    let names: Vec<&str> = all.iter().map(|schedule| schedule.name).collect();
    match all.iter().find(|schedule| schedule.name == name) {
        Some(schedule) => Ok(schedule.clone()),
        None => bail!("there is no schedule `{name}`; there are: {}", names.join(", ")),
    }
}

async fn list(app: App) -> anyhow::Result<()> {
    let system = SystemScope::new(&app);
    let mut rows = vec![["SCHEDULE", "CRON", "TIME ZONE", "CATCH-UP", "LAST FIRED", "NEXT", ""].map(str::to_owned)];
    for table in timetables(&system, &worker::schedules::all()).await? {
        let (schedule, zone) = (&table.schedule, table.schedule.time_zone);
        let last = table.last_fired_at.map_or("never".to_owned(), |at| at_place(at, zone));
        let paused = if table.paused { "paused" } else { "" };
        let catch_up = schedule.catch_up.code().to_lowercase();
        rows.push([
            schedule.name.into(),
            schedule.cron.into(),
            zone.name().into(),
            catch_up,
            last,
            at_place(table.next_fire_at, zone),
            paused.into(),
        ]);
    }
    print_table(&rows);
    println!();
    let mut rows = vec![["QUEUE", "WAITING", "LATER", "RUNNING", "DEAD", ""].map(str::to_owned)];
    for queue in admin::queues(&system, &worker::registry().queues()).await? {
        let paused = if queue.paused { "paused" } else { "" };
        let counts = [queue.waiting, queue.later, queue.running, queue.dead].map(|n| n.to_string());
        let [waiting, later, running, dead] = counts;
        rows.push([queue.name, waiting, later, running, dead, paused.into()]);
    }
    print_table(&rows);
    Ok(())
}

fn at_place(at: services::Timestamp, zone: Tz) -> String {
    at.to_utc().with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string()
}

fn print_table<const N: usize>(rows: &[[String; N]]) {
    let widths: Vec<usize> = (0..N).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        println!("{}", cells.join("  ").trim_end());
    }
}

/// Opens the database, which may still be starting, and brings its schema up to date or waits until somebody has.
async fn start(settings: Settings) -> anyhow::Result<App> {
    let (began, migrate) = (Instant::now(), settings.migrate_on_start);
    let app = loop {
        match App::start(settings.clone()).await {
            Ok(app) => break app,
            Err(error) if began.elapsed() < Duration::from_secs(30) => {
                tracing::warn!("cannot start yet, trying for 30 s: {error}");
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            Err(error) => return Err(error).context("gave up after 30 s"),
        }
    };
    if migrate {
        app.database().migrate().await.context("the schema could not be brought up to date")?;
        return Ok(app);
    }
    let mut told = false;
    while app.database().pending_migrations().await? > 0 {
        if !std::mem::replace(&mut told, true) {
            tracing::warn!("the schema is behind this version; waiting until `api migrate` has run (or set MIGRATE_ON_START=true)");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(app)
}

fn log_to_stderr(settings: &Settings) {
    let filter = EnvFilter::new(&settings.log_filter).add_directive(tracking::NEVER_LOGGED.parse().expect("a directive of ours"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Text => logs.init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
}

/// The first signal drains, the second ends at once: what is in hand then comes back when its lease runs out.
async fn stop_on_signal(stop: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    for first in [true, false] {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        if first {
            tracing::info!("stopping: no more jobs are claimed, running ones may end");
            stop.cancel();
        }
    }
    std::process::exit(1);
}
