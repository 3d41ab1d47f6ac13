//! The news that an import has ended, for whoever started it.

use crate::Result;
use crate::notifications::{Category, Channel, NewNotification, Severity, Subject, notify};
use crate::scope::TenantTx;
use entities::data_imports::data_import::{self, DataImportState};
use sea_orm::ActiveEnum;
use serde_json::json;

/// Tells the starter, in the transaction of the end. Whoever cancelled it knows.
pub(super) async fn tell_the_end(txn: &TenantTx<'_>, import: &data_import::Model) -> Result<()> {
    let cancelled = import.state == DataImportState::Cancelled;
    let Some(starter) = import.created_by.filter(|starter| !cancelled || txn.membership() != Some(*starter)) else { return Ok(()) };
    let all_is_well = cancelled || (import.state == DataImportState::Completed && import.rows_failed == 0);
    let kept = if import.dry_run && import.state != DataImportState::Completed { 0 } else { import.rows_applied };
    let new = NewNotification {
        to: vec![starter],
        category: Category::DataImport,
        severity: if all_is_well { Severity::Info } else { Severity::Warning },
        key: match import.state {
            DataImportState::Failed => "import-failed",
            DataImportState::Cancelled => "import-cancelled",
            _ if import.dry_run => "import-rehearsed",
            _ => "import-completed",
        },
        params: json!({
            "kind": import.kind.to_value(), "applied": kept.to_string(), "skipped": import.rows_skipped.to_string(),
            "failed": import.rows_failed.to_string(),
        }),
        subject: Some(Subject { kind: "DataImport", id: import.id.0 }),
        channels: vec![Channel::InApp],
        dedup_key: Some(format!("import:{}", import.id)),
    };
    notify(txn, new).await
}
