//! The nightly cleanup: what nobody needs any more goes, a thousand rows a transaction.

use super::{JobKind, Running};
use crate::identity::security_events;
use crate::scope::{Sql, SystemScope};
use crate::{Result, events, sql};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Removes what is past its time.
#[derive(Debug, Serialize, Deserialize)]
pub struct CleanUp {}

impl JobKind for CleanUp {
    const KIND: &'static str = "work.clean_up";
    const PRIORITY: i32 = 3;
    const MAX_ATTEMPTS: i32 = 5;
    const TIMEOUT: Duration = Duration::from_secs(3600);
}

/// How long rows of one kind are kept, and the statement that removes at most a thousand of those before `:before`.
pub struct Sweep {
    pub what: &'static str,
    pub keep: TimeDelta,
    pub sql: &'static Sql,
}

/// One line for each thing that is kept for a time; a domain adds its own here.
fn sweeps() -> Vec<Sweep> {
    let sweep = |what, keep, sql| Sweep { what, keep, sql };
    vec![
        sweep("finished jobs", TimeDelta::days(7), sql!("clean_jobs.sql")),
        sweep("dead jobs", TimeDelta::days(90), sql!("clean_dead_jobs.sql")),
        // With its refresh tokens.
        sweep("expired sessions", TimeDelta::days(1), sql!("clean_sessions.sql")),
        sweep("links to accounts", TimeDelta::days(30), sql!("clean_account_links.sql")),
        sweep("devices", TimeDelta::days(180), sql!("clean_known_devices.sql")),
        sweep("security events", security_events::KEPT, sql!("clean_security_events.sql")),
        sweep("trips to issuers", TimeDelta::zero(), sql!("clean_spent_flows.sql")),
        // With the roles they would have given. They hold addresses of people who may never have come.
        sweep("invitations that are over", TimeDelta::days(90), sql!("clean_invitations.sql")),
        // What the log says of them stays.
        sweep("API tokens that are over", TimeDelta::days(90), sql!("clean_api_tokens.sql")),
        sweep("grants to clients", TimeDelta::days(1), sql!("clean_oauth_grants.sql")),
        sweep("codes of clients", TimeDelta::days(1), sql!("clean_oauth_codes.sql")),
        sweep("consents to clients", TimeDelta::days(1), sql!("clean_oauth_consents.sql")),
        sweep("stream events", TimeDelta::days(events::RETENTION_DAYS), sql!("clean_stream_events.sql")),
        sweep("idempotency keys", TimeDelta::hours(24), sql!("clean_idempotency_keys.sql")),
        sweep("row errors of imports", TimeDelta::days(90), sql!("clean_import_errors.sql")),
        sweep("imports", TimeDelta::days(365), sql!("clean_imports.sql")),
        sweep("schedule fires", TimeDelta::days(30), sql!("clean_schedule_fires.sql")),
    ]
}

/// Removes all that is past its time and answers how many rows of what. Running it twice removes nothing more.
pub async fn run(system: &SystemScope, _job: &Running, _: CleanUp) -> Result<Vec<(&'static str, u64)>> {
    let mut removed = Vec::new();
    for sweep in sweeps() {
        let rows = remove(system, &sweep).await?;
        if rows > 0 {
            tracing::info!(rows, "removed {rows} {}", sweep.what);
        }
        removed.push((sweep.what, rows));
    }
    Ok(removed)
}

async fn remove(system: &SystemScope, sweep: &Sweep) -> Result<u64> {
    let before = system.now().minus(sweep.keep);
    let mut removed = 0;
    loop {
        let tx = system.begin().await?;
        let rows = tx.statement(sweep.sql).bind("before", before).run().await?;
        tx.commit().await?;
        removed += rows;
        if rows < 1000 {
            return Ok(removed);
        }
        // Others write in between.
        tokio::task::yield_now().await;
    }
}
