use super::NewJob;
use crate::scope::{Column, DoorwayStatement, Sql, TenantTx};
use crate::{Error, Reads, Result, sql};
use entities::work::JobId;
use entities::{TenantId, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

/// Writes the jobs of a transaction in one statement.
pub(crate) async fn write(txn: &TenantTx<'_>, jobs: &[NewJob]) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let now = txn.now();
    let insert = txn.statement(sql!("insert.sql")).rows("r", columns(jobs, now));
    insert.bind("now", now).bind("trace", txn.traced()).run().await?;
    Ok(())
}

/// Writes jobs of many organisations in one statement.
pub(crate) async fn write_for_tenants<'a>(
    statement: impl FnOnce(&'static Sql) -> DoorwayStatement<'a>,
    now: Timestamp,
    jobs: &[(TenantId, NewJob)],
) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let (tenants, jobs): (Vec<TenantId>, Vec<NewJob>) = jobs.iter().cloned().unzip();
    let mut all = columns(&jobs, now);
    all.push(Column::uuids(tenants));
    statement(sql!("insert_for_tenants.sql")).rows("r", all).bind("now", now).run().await?;
    Ok(())
}

/// A job in a worker's hands.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct Running {
    pub id: JobId,
    #[sea_orm(from_alias = "tenant_id")]
    pub tenant: TenantId,
    pub kind: String,
    pub payload: String,
    pub attempts: i32,
    pub max_attempts: i32,
    /// How many processes died holding it.
    pub crashes: i32,
    /// When it should have started.
    pub run_at: Timestamp,
    /// Proves that the finisher is the claimer; none: a call outside the ledger, such as a test or a one-shot run.
    pub lease_token: Option<Uuid>,
    /// The id of the request at the root of it; none: a schedule's.
    pub trace: Option<String>,
    #[sea_orm(skip)]
    pub(super) completed: Completed,
}

/// Whether the job's own transaction completed it, so that nobody needs to write it down again.
#[derive(Clone, Debug, Default)]
pub(super) struct Completed(Arc<AtomicBool>);

impl Running {
    /// A call outside the ledger.
    pub fn detached(tenant: TenantId) -> Self {
        let (id, kind, payload) = (JobId::NIL, String::new(), String::new());
        let (run_at, lease_token, trace) = (Timestamp(0), None, None);
        Self {
            id,
            tenant,
            kind,
            payload,
            attempts: 1,
            max_attempts: 1,
            crashes: 0,
            run_at,
            lease_token,
            trace,
            completed: Completed::default(),
        }
    }

    /// Whether it is a call outside the ledger, whose caller waits for how it ends.
    pub fn is_detached(&self) -> bool {
        self.lease_token.is_none()
    }

    /// A call outside the ledger with what the job would have carried.
    pub fn detached_of(tenant: TenantId, job: NewJob) -> Self {
        Self { kind: job.kind.to_owned(), payload: job.payload, ..Self::detached(tenant) }
    }

    /// Completes the job in the transaction of its effects, so that both are there or neither. A lease that was lost
    /// to another worker is a conflict, and the transaction must not be committed.
    pub async fn complete(&self, txn: &TenantTx<'_>) -> Result<()> {
        let Some(token) = self.lease_token else { return Ok(()) };
        let finish = txn.statement(sql!("complete.sql")).bind("id", self.id).bind("token", token).bind("now", txn.now());
        self.completed_by(finish.run().await?)
    }

    fn completed_by(&self, rows: u64) -> Result<()> {
        if rows != 1 {
            return Err(Error::Conflict);
        }
        self.completed.0.store(true, Ordering::Release);
        Ok(())
    }

    /// Whether a transaction of the job's own completed it; meaningful once the job returned without an error.
    pub fn is_completed(&self) -> bool {
        self.completed.0.load(Ordering::Acquire)
    }
}

pub(super) fn columns(jobs: &[NewJob], now: Timestamp) -> Vec<Column> {
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
