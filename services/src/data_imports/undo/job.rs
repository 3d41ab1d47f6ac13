//! The job: chunk after chunk, each a transaction that carries its own place.

use super::news;
use crate::data_imports::chunks::{TRIES, pause};
use crate::data_imports::progress::Told;
use crate::data_imports::run::RunImport;
use crate::data_imports::standstill::{give_up_undo, see_through};
use crate::inventory::movements::undo;
use crate::locale::Locale;
use crate::scope::Pace;
use crate::work::{JobKind, Running};
use crate::{Error, Result, Scope};
use entities::data_imports::DataImportId;
use entities::data_imports::data_import::{self, DataImportUndoState};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::DbBackend;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// Undoes an import to its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UndoImport {
    pub import: DataImportId,
}

impl JobKind for UndoImport {
    const KIND: &'static str = "data_imports.undo";
    const QUEUE: &'static str = RunImport::QUEUE;
    const PRIORITY: i32 = RunImport::PRIORITY;
    const TIMEOUT: Duration = RunImport::TIMEOUT;
    const AT_ONCE: usize = RunImport::AT_ONCE;
}

/// How many movements a chunk looks at. It holds all levels it may touch, so on PostgreSQL it is smaller than an import's.
fn pace(backend: DbBackend) -> Pace {
    match backend {
        DbBackend::Postgres => Pace::fixed(4000),
        _ => Pace::adapting(100, 20..=2000),
    }
}

/// Undoes an import, or goes on with that where it was left.
pub async fn run_undo(scope: &Scope, job: &Running, payload: UndoImport) -> Result<()> {
    let pace = pace(scope.app().database().backend());
    see_through(scope, job, payload.import, Box::pin(undo_paced(scope, job, payload.import, pace)), give_up_undo).await
}

pub(in crate::data_imports) async fn undo_paced(scope: &Scope, job: &Running, id: DataImportId, mut pace: Pace) -> Result<()> {
    let mut told = Told::default();
    while let Some(Further { looked_at, held, told: now_told }) = take(scope, id, pace.size(), told).await? {
        told = now_told;
        pace.learn(looked_at, held);
        tracing::debug!(import.id = %id, rows = looked_at, ?held, "undid a chunk");
    }
    let txn = scope.begin().await?;
    job.complete(&txn).await?;
    txn.commit().await
}

/// What came of a chunk: how many movements it looked at, and how long it held others up.
struct Further {
    looked_at: usize,
    held: Duration,
    told: Told,
}

/// Takes the next chunk, again when others got in its way.
async fn take(scope: &Scope, id: DataImportId, most: usize, told: Told) -> Result<Option<Further>> {
    let mut tries = 1;
    loop {
        match chunk(scope, id, most, told).await {
            Err(Error::Conflict) if tries < TRIES => pause(tries).await,
            done => return done,
        }
        tries += 1;
    }
}

/// Undoes the next movements. None: it is over.
async fn chunk(scope: &Scope, id: DataImportId, most: usize, told: Told) -> Result<Option<Further>> {
    let txn = scope.begin().await?;
    let started = Instant::now();
    let import = txn.lock::<data_import::Entity>(id).await?;
    if !import.is_being_undone() {
        return Ok(None);
    }
    // In the language the rows were imported in.
    let reason = Locale::of_tag(&import.locale).unwrap_or_default().say("import-undo-reason", &[]);
    let batch = undo::Batch { import: id, before: import.undo_before, most, by: import.undone_by, reason: &reason };
    let done = undo::undo(&txn, &batch).await?;
    let is_last = done.looked_at < most;
    let row = data_import::ActiveModel {
        id: Unchanged(id),
        undo_state: Set(Some(if is_last { DataImportUndoState::Completed } else { DataImportUndoState::Running })),
        undo_before: Set(done.last.filter(|_| !is_last)),
        rows_undone: Set(import.rows_undone + done.undone),
        rows_not_undone: Set(import.rows_not_undone + done.stay),
        undone_at: Set(is_last.then(|| txn.now())),
        ..Default::default()
    };
    let before = import.undo_state;
    let import = txn.update(row).await?;
    // A new state is told in any case.
    let told = if import.undo_state == before { told } else { Told::default() }.of_chunk(&txn, &import);
    if is_last {
        news::tell_the_end(&txn, &import).await?;
    }
    txn.commit().await?;
    Ok(Some(Further { looked_at: done.looked_at, held: started.elapsed(), told }))
}
