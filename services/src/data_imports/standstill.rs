//! Imports that do not go on any more: those whose job is at work and stands still, and those whose job is gone.

use super::errors::RowError;
use super::order::Order;
use super::progress;
use super::source::{Layout, Unreadable};
use super::undo;
use crate::locale::Locale;
use crate::scope::Sql;
use crate::work::{JobKind, Outcome, Running};
use crate::{Error, Reads, Result, Scope, SystemScope, sql};
use entities::TenantId;
use entities::data_imports::DataImportId;
use entities::data_imports::data_import::{self, DataImportUndoState};
use sea_orm::ActiveValue::{Set, Unchanged};
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::time::Duration;

/// How long an import may take over one chunk, or over its first look at the file.
pub(super) const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Does the work for as long as the import goes on, be it for days.
pub(super) async fn unless_still<T>(
    scope: &Scope,
    id: DataImportId,
    patience: Duration,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    tokio::select! {
        done = work => done,
        () = still(scope, id, patience) => Err(Error::internal(format!("import {id} has stood still for {} s", patience.as_secs()))),
    }
}

/// Ends when the import is found twice in a row at the same place.
async fn still(scope: &Scope, id: DataImportId, patience: Duration) {
    let mut last = None;
    loop {
        // A scope of its own each time: what it reads is the present.
        let scope = Scope::system(scope.app(), scope.tenant(), Locale::default());
        match scope.get::<data_import::Entity>(id).await {
            Ok(import) => {
                let place = (import.state, import.rows_done(), import.undo_state, import.undo_before);
                if last.replace(place) == Some(place) {
                    return;
                }
            }
            Err(error) => tracing::warn!(import.id = %id, "cannot see how far the import is: {error}"),
        }
        drop(scope);
        tokio::time::sleep(patience).await;
    }
}

/// The work of a job, as long as it goes on; given up when it fails and nobody tries again. It comes boxed: a chunk under way is
/// large, and would lie on the stack of all who wait for it.
pub(super) async fn see_through(
    scope: &Scope,
    job: &Running,
    id: DataImportId,
    work: Pin<Box<impl Future<Output = Result<()>>>>,
    give_up: impl AsyncFn(&Scope, DataImportId) -> Result<data_import::Model>,
) -> Result<()> {
    let done = unless_still(scope, id, PATIENCE, work).await;
    let is_last_try = |error| job.lease_token.is_some() && matches!(Outcome::of_error(scope.app(), job, error), Outcome::Dead(_));
    if done.as_ref().is_err_and(is_last_try) {
        give_up(scope, id).await?;
    }
    done
}

/// Ends an import that failed through no fault of its file.
pub(super) async fn give_up(scope: &Scope, id: DataImportId) -> Result<data_import::Model> {
    let txn = scope.begin().await?;
    let import = txn.lock::<data_import::Entity>(id).await?;
    if import.state.is_final() {
        return Ok(import);
    }
    let locale = Locale::of_tag(&import.locale).unwrap_or_default();
    let fault = Unreadable::new("import-gave-up", next_line(&import));
    let import = progress::fail(&txn, &import, RowError::of_file(&fault, locale)).await?;
    txn.commit().await?;
    Ok(import)
}

/// Ends an undo that cannot go on; what it undid stays undone, and it may be asked for again.
pub(super) async fn give_up_undo(scope: &Scope, id: DataImportId) -> Result<data_import::Model> {
    let txn = scope.begin().await?;
    let import = txn.lock::<data_import::Entity>(id).await?;
    if !import.is_being_undone() {
        return Ok(import);
    }
    let row = data_import::ActiveModel {
        id: Unchanged(id),
        undo_state: Set(Some(DataImportUndoState::Failed)),
        undo_before: Set(None),
        undone_at: Set(Some(txn.now())),
        ..Default::default()
    };
    let import = progress::change(&txn, row).await?;
    undo::tell_the_end(&txn, &import).await?;
    txn.commit().await?;
    Ok(import)
}

/// About where the next row stands; the head of the file where rows are not taken as written.
pub(super) fn next_line(import: &data_import::Model) -> u64 {
    let layout = import.layout.as_deref().and_then(|layout| serde_json::from_str::<Layout>(layout).ok());
    match layout.map(|layout| layout.order) {
        None | Some(Order::AsWritten) => u64::try_from(import.rows_done()).unwrap_or(0) + 2,
        Some(Order::FromTheEnd | Order::ByInstant) => 1,
    }
}

/// The regular job that fails imports, and undos, without a living job.
#[derive(Debug, Serialize, Deserialize)]
pub struct FailStranded {}

impl JobKind for FailStranded {
    // Not the queue of imports: there it would wait behind them.
    const KIND: &'static str = "data_imports.fail_stranded";
    const PRIORITY: i32 = 3;
    const MAX_ATTEMPTS: i32 = 5;
}

#[derive(sea_orm::FromQueryResult)]
struct Stranded {
    tenant_id: TenantId,
    id: DataImportId,
}

/// How many are looked at together.
const CHUNK: i64 = 500;

/// Fails imports whose job is dead, as after a last attempt that ran out of time or took its process with it, and undos
/// likewise. Says how many.
pub async fn fail_stranded(system: &SystemScope) -> Result<u64> {
    let imports = fail_each(system, sql!("stranded.sql"), give_up).await?;
    Ok(imports + fail_each(system, sql!("stranded_undos.sql"), give_up_undo).await?)
}

async fn fail_each(
    system: &SystemScope,
    stranded: &'static Sql,
    give_up: impl AsyncFn(&Scope, DataImportId) -> Result<data_import::Model>,
) -> Result<u64> {
    let mut failed = 0;
    loop {
        let tx = system.read().await?;
        let stranded: Vec<Stranded> = tx.statement(stranded).bind("most", CHUNK).all().await?;
        drop(tx);
        for import in &stranded {
            give_up(&Scope::system(system.app(), import.tenant_id, Locale::default()), import.id).await?;
            tracing::warn!(import.id = %import.id, "gave up import {}: its job is gone", import.id);
        }
        failed += stranded.len() as u64;
        if stranded.len() < CHUNK as usize {
            return Ok(failed);
        }
    }
}
