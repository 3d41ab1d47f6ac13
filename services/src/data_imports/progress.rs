//! What a run writes of itself.

use super::errors::{RowError, code_text};
use super::news;
use super::outcome::Tally;
use super::skips::Skips;
use crate::events::NewEvent;
use crate::scope::{Column, TenantTx};
use crate::{Reads, Result, sql};
use chrono::TimeDelta;
use entities::Timestamp;
use entities::data_imports::data_import::{self, DataImportState};
use entities::data_imports::{DataImportId, DataImportRowErrorId};
use sea_orm::ActiveEnum;
use sea_orm::ActiveValue::{Set, Unchanged};

/// More row errors than these are counted, not stored.
pub(super) const MOST_ERRORS: i64 = 10_000;

pub(super) fn stream(import: DataImportId) -> String {
    format!("import:{import}")
}

/// When those who follow were last told how far it has come. A chunk takes some 40 ms on SQLite: nobody reads that often, and each
/// event is a row and an execution for all who follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told(Option<Timestamp>);

const BETWEEN_EVENTS: TimeDelta = TimeDelta::milliseconds(500);

impl Told {
    pub(super) fn at(when: Option<Timestamp>) -> Self {
        Self(when)
    }

    /// Tells of a chunk, unless it was only just told of another; what changes the state is told by [`change`].
    pub(super) fn of_chunk(self, txn: &TenantTx<'_>, import: &data_import::Model) -> Self {
        let now = txn.now();
        if !self.is_due(now) {
            return self;
        }
        tell(txn, import);
        Self(Some(now))
    }

    /// A clock that was set back holds nothing up.
    fn is_due(self, now: Timestamp) -> bool {
        self.0.is_none_or(|told| now < told || now.since(told) >= BETWEEN_EVENTS)
    }
}

/// Adds a batch to the counts; they are the run's place as well.
pub(super) async fn advance(
    txn: &TenantTx<'_>,
    import: &data_import::Model,
    tally: &Tally,
    told: Told,
) -> Result<(data_import::Model, Told)> {
    let kept = keep_errors(txn, import, &tally.errors).await?;
    let row = data_import::ActiveModel {
        id: Unchanged(import.id),
        rows_applied: Set(import.rows_applied + tally.applied),
        rows_skipped: Set(import.rows_skipped + tally.skips.rows()),
        rows_failed: Set(import.rows_failed + tally.failed),
        skips: Set(serde_json::to_string(&Skips::of(import)?.and(&tally.skips))?),
        errors_kept: Set(import.errors_kept + kept),
        ..Default::default()
    };
    let import = txn.update(row).await?;
    let told = told.of_chunk(txn, &import);
    Ok((import, told))
}

/// Ends a run and tells whoever started it.
pub(super) async fn finish(txn: &TenantTx<'_>, import: &data_import::Model, state: DataImportState) -> Result<data_import::Model> {
    let row = data_import::ActiveModel {
        id: Unchanged(import.id),
        state: Set(state),
        content: Set(None),
        finished_at: Set(Some(txn.now())),
        ..Default::default()
    };
    let import = change(txn, row).await?;
    news::tell_the_end(txn, &import).await?;
    Ok(import)
}

/// Ends a run whose file cannot be read.
pub(super) async fn fail(txn: &TenantTx<'_>, import: &data_import::Model, error: RowError) -> Result<data_import::Model> {
    let kept = keep_errors(txn, import, &[error]).await?;
    let counted = data_import::ActiveModel { id: Unchanged(import.id), errors_kept: Set(import.errors_kept + kept), ..Default::default() };
    let import = txn.update(counted).await?;
    finish(txn, &import, DataImportState::Failed).await
}

/// Writes the row and tells those who follow it.
pub(super) async fn change(txn: &TenantTx<'_>, row: data_import::ActiveModel) -> Result<data_import::Model> {
    let import = txn.update(row).await?;
    tell(txn, &import);
    Ok(import)
}

fn tell(txn: &TenantTx<'_>, import: &data_import::Model) {
    let payload = serde_json::json!({
        "state": import.state.to_value(), "total": import.rows_total,
        "applied": import.rows_applied, "skipped": import.rows_skipped, "failed": import.rows_failed,
        "undo": import.undo_state.map(|state| state.to_value()), "undone": import.rows_undone, "notUndone": import.rows_not_undone,
    });
    txn.record(NewEvent::new(stream(import.id), "ImportProgressed", payload));
}

async fn keep_errors(txn: &TenantTx<'_>, import: &data_import::Model, errors: &[RowError]) -> Result<i64> {
    let room = usize::try_from(MOST_ERRORS - import.errors_kept).unwrap_or(0);
    let kept = &errors[..errors.len().min(room)];
    if kept.is_empty() {
        return Ok(0);
    }
    let mut ids: Vec<DataImportRowErrorId> = kept.iter().map(|_| txn.new_id()).collect();
    ids.sort_unstable();
    let rows = vec![
        Column::uuids(ids),
        Column::ints(kept.iter().map(|error| i64::try_from(error.line).unwrap_or(i64::MAX))),
        Column::maybe_texts(kept.iter().map(|error| error.column.clone())),
        Column::texts(kept.iter().map(|error| code_text(error.code))),
        Column::texts(kept.iter().map(|error| error.message.clone())),
    ];
    txn.statement(sql!("add_errors.sql")).rows("r", rows).bind("import", import.id).run().await?;
    Ok(kept.len() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn followers_are_told_twice_a_second_at_most() {
        let due = |told: Option<i64>, now: i64| Told(told.map(Timestamp)).is_due(Timestamp(now));
        assert!(due(None, 0) && due(Some(0), 500_000) && due(Some(1_000_000), 999_999));
        assert!(!due(Some(0), 0) && !due(Some(0), 499_999));
    }
}
