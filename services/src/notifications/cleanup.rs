use super::deliver::{Trouble, fail};
use crate::locale::Locale;
use crate::scope::Sql;
use crate::work::JobKind;
use crate::{Result, Scope, SystemScope, sql};
use chrono::TimeDelta;
use entities::TenantId;
use entities::notifications::{DeliveryState, NotificationDeliveryId, delivery};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a night's cleaning did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Read more than 30 days ago, now archived.
    pub archived: u64,
    /// Older than 365 days, now gone.
    pub deleted: u64,
    /// Waiting for more than three days, so that no job can be left that would carry them; now failed.
    pub given_up: u64,
}

/// The nightly job.
#[derive(Debug, Serialize, Deserialize)]
pub struct CleanUp {}

impl JobKind for CleanUp {
    const KIND: &'static str = "notifications.clean_up";
    const QUEUE: &'static str = "notifications";
    const PRIORITY: i32 = 3;
    const MAX_ATTEMPTS: i32 = 5;
    const TIMEOUT: Duration = Duration::from_secs(3600);
}

/// A chunk is one transaction: SQLite has one writer, and it is not held for long.
const CHUNK: i64 = 1000;

/// Archives what was read long ago, deletes what is old, and fails deliveries whose job died. Doing it twice does no more.
pub async fn cleanup(system: &SystemScope) -> Result<Cleaned> {
    let archived = in_chunks(system, sql!("archive_read.sql"), TimeDelta::days(30)).await?;
    let deleted = in_chunks(system, sql!("delete_old.sql"), TimeDelta::days(365)).await?;
    in_chunks(system, sql!("delete_inbound.sql"), TimeDelta::days(30)).await?;
    in_chunks(system, sql!("delete_statuses.sql"), TimeDelta::days(1)).await?;
    Ok(Cleaned { archived, deleted, given_up: give_up(system).await? })
}

async fn in_chunks(system: &SystemScope, sql: &'static Sql, age: TimeDelta) -> Result<u64> {
    let mut all = 0;
    loop {
        let tx = system.begin().await?;
        let run = tx.statement(sql).bind("before", system.now().minus(age)).bind("now", system.now()).bind("most", CHUNK);
        let rows = run.run().await?;
        tx.commit().await?;
        all += rows;
        if rows < CHUNK.unsigned_abs() {
            return Ok(all);
        }
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Stranded {
    tenant_id: TenantId,
    id: NotificationDeliveryId,
}

async fn give_up(system: &SystemScope) -> Result<u64> {
    let before = system.now().minus(TimeDelta::days(3));
    let tx = system.read().await?;
    let stranded: Vec<Stranded> = tx.statement(sql!("stranded.sql")).bind("before", before).bind("most", CHUNK).all().await?;
    drop(tx);
    for row in &stranded {
        let scope = Scope::system(system.app(), row.tenant_id, Locale::default());
        let txn = scope.begin().await?;
        let delivery = txn.lock::<delivery::Entity>(row.id).await?;
        if delivery.state == DeliveryState::Queued {
            let text = delivery.error.clone().unwrap_or_else(|| "its job ended before it was sent".to_owned());
            let code = delivery.error_code;
            fail(&txn, delivery, DeliveryState::Failed, Trouble::new(code, text)).await?;
            txn.commit().await?;
        }
    }
    Ok(stranded.len() as u64)
}
