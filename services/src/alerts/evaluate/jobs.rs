use super::{Extent, Failures, run};
use crate::identity::Permission;
use crate::work::{JobKind, NewJob, Running};
use crate::{Error, Reads, Result, Scope, SystemScope};
use entities::work::job;
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};

/// Brings the alerts up to date: of the job's organisation, or of all when it is the platform's.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct EvaluateStockAlerts {
    /// Every product, as the nightly check does, which then finds nothing to write.
    #[serde(default)]
    pub full: bool,
}

impl JobKind for EvaluateStockAlerts {
    const KIND: &'static str = "alerts.evaluate";
}

/// The platform's job: every organisation that has work. From the ledger it ends well when some had to go without: they are
/// counted, and to try again at once would help none of them. A call outside the ledger has somebody waiting for its answer.
pub async fn evaluate_all(system: &SystemScope, job: &Running, payload: EvaluateStockAlerts) -> Result<()> {
    let Failures { failed, of } = run(system, Extent { tenant: None, full: payload.full }).await?;
    if failed > 0 && job.is_detached() {
        return Err(Error::internal(format!("{failed} of {of} organisations could not be evaluated; the others were")));
    }
    Ok(())
}

/// One organisation's job.
pub async fn evaluate_tenant(scope: &Scope, job: &Running, payload: EvaluateStockAlerts) -> Result<()> {
    run(&SystemScope::new(scope.app()), Extent { tenant: Some(scope.tenant()), full: payload.full }).await?;
    let txn = scope.begin().await?;
    job.complete(&txn).await?;
    txn.commit().await
}

/// Asks for an evaluation now; one that is due already is answered again, one that waits for its retry is not now.
pub async fn request(scope: &Scope, full: bool) -> Result<job::Model> {
    scope.require(Permission::AlertsStockAlertEvaluate)?;
    let wanted = NewJob::new(scope.app(), &EvaluateStockAlerts { full })?;
    let waiting = scope
        .select::<job::Entity>()
        .filter(job::Column::State.eq(job::JobState::Queued))
        .filter(job::Column::RunAt.lte(scope.now()))
        .filter(job::Column::Kind.eq(wanted.kind))
        .filter(job::Column::Payload.eq(wanted.payload.as_str()));
    if let Some(job) = waiting.one().await? {
        return Ok(job);
    }
    let txn = scope.begin().await?;
    let id = txn.enqueue(wanted);
    txn.commit().await?;
    scope.find::<job::Entity>(id).await?.ok_or_else(|| Error::internal("a job just written is not there"))
}
