//! How a process is: what it cannot work without, and what it can.

use crate::App;
use crate::scope::without_password;
use crate::settings::Environment;
use crate::work::redis_answers;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// How one part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Up,
    /// Missed, but we can do without.
    Degraded,
    /// Missed, and we cannot.
    Down,
}

/// What every part says, by its name.
pub type Report = BTreeMap<&'static str, Health>;

/// Asks the database, its schema and Redis; a part that is slow is down.
pub async fn check(app: &App) -> Report {
    let second = Duration::from_secs(1);
    let mut report = Report::new();
    let up = |is: bool, otherwise: Health| if is { Health::Up } else { otherwise };
    let database = tokio::time::timeout(second, app.database().ping()).await;
    report.insert("database", up(matches!(database, Ok(Ok(()))), Health::Down));
    let current = tokio::time::timeout(second, app.database().pending_migrations()).await;
    report.insert("migrations", up(matches!(current, Ok(Ok(0))), Health::Down));
    if let Some(url) = &app.settings().redis_url {
        report.insert("redis", up(redis_answers(url).await, Health::Degraded));
    }
    report
}

/// Says at start, when Redis is set and does not answer, which one, what goes on without it, and what to do.
pub async fn warn_without_redis(app: &App) {
    let Some(url) = &app.settings().redis_url else { return };
    if !redis_answers(url).await {
        tracing::warn!(
            "Redis at {} does not answer. Check REDIS_URL, and that it runs and lets this machine in. Until it is back, jobs are found \
             by asking the database each second, live events come up to a second late, and each process counts its limits by itself.",
            without_password(url)
        );
    }
}

#[derive(Serialize)]
struct Page<'a> {
    status: &'static str,
    environment: &'a str,
    checks: &'a Report,
}

/// The page that says so as JSON, and whether the process can do its work.
pub fn page(report: &Report, environment: &str) -> (bool, Vec<u8>) {
    let status = match report.values().max() {
        Some(Health::Down) => "down",
        Some(Health::Degraded) => "degraded",
        _ => "ok",
    };
    (status != "down", serde_json::to_vec(&Page { status, environment, checks: report }).unwrap_or_default())
}

/// The word for this installation.
pub fn environment(app: &App) -> &'static str {
    match app.settings().environment {
        Environment::Production => "production",
        Environment::Development => "development",
    }
}
