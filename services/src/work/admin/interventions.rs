//! What people do about a job: run it again, or give it up.

use super::{Desk, Standing};
use crate::audit::NewAudit;
use crate::{Code, Error, Result, Scope};
use entities::work::JobId;
use entities::work::job::{self, JobFailure, JobState};
use sea_orm::ActiveEnum;
use sea_orm::ActiveValue::{Set, Unchanged};

/// Runs a job again: a dead or discarded one from the beginning, a waiting retry at once.
pub async fn retry(desk: &Desk, id: JobId) -> Result<job::Model> {
    let scope = desk.scope_of(id).await?;
    let txn = scope.begin().await?;
    let job = txn.lock::<job::Entity>(id).await?;
    let now = txn.now();
    let mut row = job::ActiveModel { id: Unchanged(id), run_at: Set(now), due: Set(true), ..Default::default() };
    match Standing::of(&job) {
        Standing::Dead | Standing::Discarded => {
            (row.state, row.finished_at) = (Set(JobState::Queued), Set(None));
            (row.attempts, row.crashes) = (Set(0), Set(0));
        }
        Standing::Retrying => {}
        Standing::Queued | Standing::Running | Standing::Completed => return Err(wrong_state(&scope, "job-retry-state")),
    }
    let taken = |error: Error| if error.duplicates("unique_key") { wrong_state(&scope, "job-retry-unique") } else { error };
    let before = job.state;
    let job = txn.update(row).await.map_err(taken)?;
    txn.audit(act("work.job.retry", &job).change("state", before.to_value(), job.state.to_value()));
    txn.commit().await?;
    scope.app().bell().ring(&job.queue, &job.id.to_string());
    Ok(job)
}

/// Gives a job up that waits or is dead.
pub async fn discard(desk: &Desk, id: JobId, reason: Option<String>) -> Result<job::Model> {
    let scope = desk.scope_of(id).await?;
    let txn = scope.begin().await?;
    let job = txn.lock::<job::Entity>(id).await?;
    if !matches!(job.state, JobState::Queued | JobState::Dead) {
        return Err(wrong_state(&scope, "job-discard-state"));
    }
    let mut row = job::ActiveModel { id: Unchanged(id), state: Set(JobState::Discarded), ..Default::default() };
    row.finished_at = Set(Some(txn.now()));
    if let Some(reason) = reason.map(|text| text.trim().chars().take(500).collect::<String>()).filter(|text| !text.is_empty()) {
        (row.failure, row.last_error) = (Set(Some(JobFailure::GivenUp)), Set(Some(reason)));
    }
    let before = job.state;
    let job = txn.update(row).await?;
    txn.audit(act("work.job.discard", &job).change("state", before.to_value(), job.state.to_value()));
    txn.commit().await?;
    Ok(job)
}

fn act(action: &'static str, job: &job::Model) -> NewAudit {
    NewAudit::of(action).on("Job", job.id).with("kind", job.kind.as_str())
}

fn wrong_state(scope: &Scope, sentence: &str) -> Error {
    Error::refuse(Code::ForbiddenState, "id", scope.locale().say(sentence, &[]))
}
