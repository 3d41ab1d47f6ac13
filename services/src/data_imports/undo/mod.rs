//! Undoing all that an import of movements recorded: asked for here, done by a job in chunks of one transaction each.
//!
//! A pass goes over the movements from the newest to the oldest; its place is in the import's row, and commits with the
//! reverses. What would leave a level the policy forbids stays and is counted; asked again, a new pass tries those once more.

mod job;
mod news;

#[cfg(test)]
pub(super) use job::undo_paced;
pub use job::{UndoImport, run_undo};
pub(super) use news::tell_the_end;

use super::progress;
use crate::audit::NewAudit;
use crate::identity::Permission;
use crate::inventory::movements::undo::recorded_any;
use crate::scope::{ReadsWithin, TenantTx};
use crate::work::NewJob;
use crate::{Code, Error, Result, Scope};
use entities::data_imports::DataImportId;
use entities::data_imports::data_import::{self, DataImportKind, DataImportUndoState};
use sea_orm::ActiveValue::{Set, Unchanged};

/// Asks for all that an import recorded to be undone. While that is under way, and once nothing stands, asking again changes
/// nothing.
pub async fn undo(scope: &Scope, id: DataImportId) -> Result<data_import::Model> {
    scope.require(Permission::DataImportsImportRun)?;
    scope.require(Permission::InventoryStockMovementReverse)?;
    let txn = scope.begin().await?;
    let unknown = || scope.locale().say("import-unknown", &[]);
    let import = txn.lock_within::<data_import::Entity>(Permission::DataImportsImportRun, id).await;
    let import = import.map_err(|e| e.or_refuse_missing("id", unknown()))?;
    // What it recorded is its starter's, and is undone as each of it could be by hand.
    if txn.find_within::<data_import::Entity>(Permission::InventoryStockMovementReverse, id).await?.is_none() {
        return Err(Error::refuse(Code::NotFound, "id", unknown()));
    }
    if let Some(reason) = stands_against(&txn, &import).await? {
        return Err(Error::refuse(Code::ForbiddenState, "id", scope.locale().say(reason, &[])));
    }
    let all_undone = import.undo_state == Some(DataImportUndoState::Completed) && import.rows_not_undone == 0;
    if import.is_being_undone() || all_undone {
        return Ok(import);
    }
    let job = NewJob::new(scope.app(), &UndoImport { import: id })?;
    let row = data_import::ActiveModel {
        id: Unchanged(id),
        undo_state: Set(Some(DataImportUndoState::Queued)),
        undo_job_id: Set(Some(job.id)),
        undo_before: Set(None),
        rows_not_undone: Set(0),
        undone_by: Set(txn.membership()),
        undone_at: Set(None),
        ..Default::default()
    };
    let import = progress::change(&txn, row).await?;
    txn.audit(NewAudit::of("data_imports.import.undo").on("DataImport", id));
    txn.enqueue(job);
    txn.commit().await?;
    Ok(import)
}

/// Why an import cannot be undone.
async fn stands_against(txn: &TenantTx<'_>, import: &data_import::Model) -> Result<Option<&'static str>> {
    Ok(match import {
        import if import.kind == DataImportKind::Products => Some("import-undo-products"),
        import if import.dry_run => Some("import-undo-dry-run"),
        import if !import.state.is_final() => Some("import-undo-not-over"),
        import if import.undo_state.is_none() && !recorded_any(txn, import.id).await? => Some("import-undo-nothing"),
        _ => None,
    })
}
