//! The schedules: one line each. A worker that was down catches up by the policy of the line.

use chrono_tz::Tz::UTC;
use services::alerts::evaluate::EvaluateStockAlerts;
use services::work::schedules::{CatchUp, Schedule, fire_due};
use services::work::{NewJob, cleanup};
use services::{App, Result, SystemScope, Timestamp};
use services::{audit, data_imports, files, identity, inventory, notifications};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// All schedules of this version. An evaluation looks at everything since the last, so the latest makes up for those missed;
/// its key keeps a second one from piling up behind one that takes long.
pub fn all() -> Vec<Schedule> {
    let latest = |name, cron, job| Schedule { name, cron, time_zone: UTC, catch_up: CatchUp::Latest, job };
    vec![
        latest("stock-alerts", "*/5 * * * *", |app, _| Ok(NewJob::new(app, &EvaluateStockAlerts { full: false })?.unique("evaluate"))),
        latest("stock-alerts-full", "30 2 * * *", |app, _| Ok(NewJob::new(app, &EvaluateStockAlerts { full: true })?.unique("full"))),
        latest("cleanup", "0 3 * * *", |app, _| NewJob::new(app, &cleanup::CleanUp {})),
        latest("notifications-cleanup", "30 3 * * *", |app, _| NewJob::new(app, &notifications::CleanUp {})),
        latest("imports-stranded", "*/10 * * * *", |app, _| Ok(NewJob::new(app, &data_imports::FailStranded {})?.unique("stranded"))),
        latest("imports-cleanup", "45 3 * * *", |app, _| NewJob::new(app, &data_imports::CleanUp {})),
        latest("names-fold", "*/10 * * * *", |app, _| Ok(NewJob::new(app, &inventory::names::FoldNames {})?.unique("names"))),
        latest("signing-keys", "0 4 1 * *", |app, _| Ok(NewJob::new(app, &identity::RotateKeys {})?.unique("rotate"))),
        latest("accounts-erase", "20 * * * *", |app, _| Ok(NewJob::new(app, &identity::erasure::EraseAccounts {})?.unique("erase"))),
        latest("audit-seal", "* * * * *", |app, _| Ok(NewJob::new(app, &audit::SweepUnsealed { all: false })?.unique("audit-sweep"))),
        latest("audit-seal-all", "15 2 * * *", |app, _| NewJob::new(app, &audit::SweepUnsealed { all: true })),
        latest("audit-anchor", "45 2 * * *", |app, _| NewJob::new(app, &audit::WriteAnchors {})),
        latest("files-sweep", "0 4 * * *", |app, _| NewJob::new(app, &files::Sweep {})),
    ]
}

/// Fires what is due, for as long as the process runs.
pub async fn run(app: App, schedules: Vec<Schedule>, stop: CancellationToken) {
    let system = SystemScope::new(&app);
    let mut next: Vec<Timestamp> = vec![Timestamp(0); schedules.len()];
    let work = async {
        loop {
            for (schedule, next) in schedules.iter().zip(&mut next) {
                if app.now() >= *next {
                    match fire(&system, schedule).await {
                        Ok(at) => *next = at,
                        Err(error) => tracing::warn!("schedule {} could not fire and is tried again: {error}", schedule.name),
                    }
                }
            }
            tokio::time::sleep(until(next.iter().min(), app.now())).await;
        }
    };
    stop.run_until_cancelled(work).await;
}

/// Fires a schedule and answers when to look at it again.
async fn fire(system: &SystemScope, schedule: &Schedule) -> Result<Timestamp> {
    let now = system.now();
    let fired = fire_due(system, schedule).await?;
    if fired > 0 {
        tracing::info!("schedule {} fired {fired} times", schedule.name);
    }
    schedule.next_after(now)
}

/// At most a second, because clocks are set and tests move them.
fn until(next: Option<&Timestamp>, now: Timestamp) -> Duration {
    let wait = next.map_or(i64::MAX, |at| at.0 - now.0).clamp(1000, 1_000_000);
    Duration::from_micros(u64::try_from(wait).unwrap_or(1000))
}
