use super::NewJob;
use crate::scope::{Column, TenantTx};
use crate::{Reads, Result, sql};

/// Writes the jobs of a transaction in one statement.
pub(crate) async fn write(txn: &TenantTx<'_>, jobs: &[NewJob]) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let now = txn.now();
    txn.statement(sql!("insert.sql")).rows("r", columns(jobs, now)).bind("now", now).run().await?;
    Ok(())
}

pub(super) fn columns(jobs: &[NewJob], now: entities::Timestamp) -> Vec<Column> {
    vec![
        Column::uuids(jobs.iter().map(|job| job.id)),
        Column::texts(jobs.iter().map(|job| job.queue)),
        Column::texts(jobs.iter().map(|job| job.kind)),
        Column::texts(jobs.iter().map(|job| job.payload.clone())),
        Column::ints(jobs.iter().map(|job| job.priority.into())),
        Column::ints(jobs.iter().map(|job| job.run_at.unwrap_or(now).0)),
        Column::ints(jobs.iter().map(|job| job.max_attempts.into())),
        Column::maybe_texts(jobs.iter().map(|job| job.unique_key.clone())),
    ]
}
