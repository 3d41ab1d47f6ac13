//! The news that an undo has ended, for whoever asked for it.

use crate::Result;
use crate::notifications::{Category, Channel, NewNotification, Severity, Subject, notify};
use crate::scope::TenantTx;
use entities::data_imports::data_import::{self, DataImportUndoState};
use serde_json::json;

/// Tells them in the transaction of the end.
pub(in crate::data_imports) async fn tell_the_end(txn: &TenantTx<'_>, import: &data_import::Model) -> Result<()> {
    let (Some(who), Some(job)) = (import.undone_by, import.undo_job_id) else { return Ok(()) };
    let failed = import.undo_state == Some(DataImportUndoState::Failed);
    let new = NewNotification {
        to: vec![who],
        category: Category::DataImport,
        severity: if failed || import.rows_not_undone > 0 { Severity::Warning } else { Severity::Info },
        key: if failed { "import-undo-failed" } else { "import-undone" },
        params: json!({ "undone": import.rows_undone.to_string(), "stay": import.rows_not_undone.to_string() }),
        subject: Some(Subject { kind: "DataImport", id: import.id.0 }),
        channels: vec![Channel::InApp],
        dedup_key: Some(format!("undo:{}:{job}", import.id)),
    };
    notify(txn, new).await
}
