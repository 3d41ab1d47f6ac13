use super::NewJob;
use crate::scope::{Column, SystemTx, TenantTx};
use crate::{Error, Reads, Result, sql};
use entities::TenantId;
use entities::work::JobId;
use uuid::Uuid;

/// Writes the jobs of a transaction in one statement.
pub(crate) async fn write(txn: &TenantTx<'_>, jobs: &[NewJob]) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let now = txn.now();
    txn.statement(sql!("insert.sql")).rows("r", columns(jobs, now)).bind("now", now).run().await?;
    Ok(())
}

/// Writes jobs of many organisations in one statement.
pub(crate) async fn write_for_tenants(tx: &SystemTx, jobs: &[(TenantId, NewJob)]) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let (tenants, jobs): (Vec<TenantId>, Vec<NewJob>) = jobs.iter().cloned().unzip();
    let mut all = columns(&jobs, now);
    all.push(Column::uuids(tenants));
    tx.statement(sql!("insert_for_tenants.sql")).rows("r", all).bind("now", now).run().await?;
    Ok(())
}

/// A job in a worker's hands.
#[derive(Clone, Debug)]
pub struct Running {
    pub id: JobId,
    pub tenant: TenantId,
    pub kind: String,
    pub payload: String,
    pub attempts: i32,
    pub max_attempts: i32,
    /// Proves that the finisher is the claimer; none: a call outside the ledger, such as a test or a one-shot run.
    pub lease_token: Option<Uuid>,
}

impl Running {
    /// A call outside the ledger.
    pub fn detached(tenant: TenantId) -> Self {
        let (id, kind, payload) = (JobId::NIL, String::new(), String::new());
        Self { id, tenant, kind, payload, attempts: 1, max_attempts: 1, lease_token: None }
    }

    /// Completes the job in the transaction of its effects, so that both are there or neither. A lease that was lost
    /// to another worker is a conflict, and the transaction must not be committed.
    pub async fn complete(&self, txn: &TenantTx<'_>) -> Result<()> {
        let Some(token) = self.lease_token else { return Ok(()) };
        let finish = txn.statement(sql!("complete.sql")).bind("id", self.id).bind("token", token).bind("now", txn.now());
        if finish.run().await? == 1 { Ok(()) } else { Err(Error::Conflict) }
    }
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
