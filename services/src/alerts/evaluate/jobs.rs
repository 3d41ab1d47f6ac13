use super::{Extent, run};
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

/// The platform's job: every organisation that has work.
pub async fn evaluate_all(system: &SystemScope, _: &Running, payload: EvaluateStockAlerts) -> Result<()> {
    run(system, Extent { tenant: None, full: payload.full }).await
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
