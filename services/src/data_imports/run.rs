//! The job: survey, then all chunks, then the end.

use super::chunks::Run;
use super::errors::RowError;
use super::header::header_of;
use super::order::Dates;
use super::progress;
use super::rows::zone_of;
use super::source::Source;
use super::standstill::{give_up, next_line, see_through};
use super::survey::{Bounds, survey};
use crate::files::store;
use crate::locale::Locale;
use crate::scope::Pace;
use crate::work::{JobKind, Running};
use crate::{Error, Reads, Refusal, Result, Scope, sql};
use entities::data_imports::DataImportId;
use entities::data_imports::data_import::{self, DataImportState};
use entities::files::file;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::DbBackend;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Runs an import to its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunImport {
    pub import: DataImportId,
}

impl JobKind for RunImport {
    const KIND: &'static str = "data_imports.run";
    const QUEUE: &'static str = "imports";
    /// Behind what people wait for.
    const PRIORITY: i32 = 2;
    /// A week: what stands still is stopped much earlier, see [`super::standstill`].
    const TIMEOUT: Duration = Duration::from_secs(7 * 24 * 3600);
    /// Each may hold two connections, and remember a dry run.
    const AT_ONCE: usize = 4;
}

/// A file may inflate to this many times the largest upload.
const INFLATED: u64 = 8;

/// A dry run that is cut off starts over, so it is not tried as often as others.
const DRY_RUN_ATTEMPTS: i32 = 3;

/// How many rows a chunk has. On PostgreSQL one keeps people waiting only where they move its own products, and the more rows
/// it has, the more of them fall on the same level and day.
fn pace(backend: DbBackend) -> Pace {
    match backend {
        DbBackend::Postgres => Pace::fixed(8000),
        _ => Pace::adapting(100, 20..=2000),
    }
}

/// Runs an import, or goes on with it where it was left.
pub async fn run(scope: &Scope, job: &Running, payload: RunImport) -> Result<()> {
    let pace = pace(scope.app().database().backend());
    see_through(scope, job, payload.import, Box::pin(run_paced(scope, job, payload.import, pace)), give_up).await
}

pub(super) async fn run_paced(scope: &Scope, job: &Running, id: DataImportId, pace: Pace) -> Result<()> {
    let import = scope.get::<data_import::Entity>(id).await?;
    scope.end_read().await;
    let locale = Locale::of_tag(&import.locale).unwrap_or_default();
    // Row errors speak the starter's language.
    let scope = Scope::system(scope.app(), scope.tenant(), locale);
    let source = source_of(&scope, &import).await?;
    let settings = scope.app().settings();
    let most = Bounds { bytes: settings.import_max_bytes.saturating_mul(INFLATED), rows: settings.import_max_rows };
    let import = match import.state {
        DataImportState::Queued => begin(&scope, &import, &source, most).await?,
        DataImportState::Running if import.dry_run && job.attempts > DRY_RUN_ATTEMPTS => give_up(&scope, id).await?,
        DataImportState::Running if import.dry_run => begin_again(&scope, &import).await?,
        _ => import,
    };
    let import = match import.state {
        DataImportState::Running => match Run::new(&scope, import, source, most.bytes, pace).await?.run_to_the_end().await {
            Err(Error::Refused(refusals)) => fail(&scope, id, refusals).await?,
            done => done?,
        },
        _ => import,
    };
    let txn = scope.begin().await?;
    if !import.state.is_final() {
        let import = txn.lock::<data_import::Entity>(id).await?;
        if !import.state.is_final() {
            progress::finish(&txn, &import, DataImportState::Completed).await?;
        }
    }
    job.complete(&txn).await?;
    txn.commit().await
}

async fn source_of(scope: &Scope, import: &data_import::Model) -> Result<Source> {
    match (import.file_id, &import.content) {
        (Some(id), _) => {
            let file = scope.get::<file::Entity>(id).await?;
            Ok(Source::File(store::path_of(scope.app(), scope.tenant(), &file.sha256)))
        }
        (None, Some(content)) => Ok(Source::Content(content.clone())),
        // What has ended has let go of its content.
        (None, None) => Ok(Source::Content(String::new())),
    }
}

/// Looks through the file, then starts the run or fails it.
pub(super) async fn begin(scope: &Scope, import: &data_import::Model, source: &Source, most: Bounds) -> Result<data_import::Model> {
    scope.end_read().await;
    let stop = StopOnDrop::default();
    let (source, go_on) = (source.clone(), stop.0.clone());
    let (mapping, zone) = (serde_json::from_str(&import.mapping)?, zone_of(import));
    let looking = tokio::task::spawn_blocking(move || {
        // A header that cannot be read fails the survey, too.
        let dates = header_of(&source)?.ok().and_then(|header| Dates::new(&mapping, &header.columns, zone));
        survey(&source, most, dates, || !go_on.load(Ordering::Relaxed))
    });
    let survey = looking.await.map_err(Error::internal)??;
    let txn = scope.begin().await?;
    let import = txn.lock::<data_import::Entity>(import.id).await?;
    if import.state != DataImportState::Queued {
        return Ok(import);
    }
    let import = match survey {
        Err(fault) => progress::fail(&txn, &import, RowError::of_file(&fault, scope.locale())).await?,
        Ok(survey) => {
            let row = data_import::ActiveModel {
                id: Unchanged(import.id),
                state: Set(DataImportState::Running),
                layout: Set(Some(serde_json::to_string(&survey.layout)?)),
                rows_total: Set(Some(i64::try_from(survey.rows).map_err(Error::internal)?)),
                started_at: Set(Some(txn.now())),
                ..Default::default()
            };
            progress::change(&txn, row).await?
        }
    };
    txn.commit().await?;
    Ok(import)
}

/// What a dry run remembered died with its process, so it starts over.
async fn begin_again(scope: &Scope, import: &data_import::Model) -> Result<data_import::Model> {
    let txn = scope.begin().await?;
    let import = txn.lock::<data_import::Entity>(import.id).await?;
    if import.state != DataImportState::Running {
        return Ok(import);
    }
    txn.statement(sql!("forget_errors.sql")).bind("import", import.id).run().await?;
    let row = data_import::ActiveModel {
        id: Unchanged(import.id),
        rows_applied: Set(0),
        rows_skipped: Set(0),
        rows_failed: Set(0),
        skips: Set("{}".to_owned()),
        errors_kept: Set(0),
        ..Default::default()
    };
    let import = progress::change(&txn, row).await?;
    txn.commit().await?;
    Ok(import)
}

/// Ends an import that cannot go on, whoever tried again.
async fn fail(scope: &Scope, id: DataImportId, refusals: Vec<Refusal>) -> Result<data_import::Model> {
    let txn = scope.begin().await?;
    let import = txn.lock::<data_import::Entity>(id).await?;
    let line = next_line(&import);
    let errors = RowError::of_refusals(line, refusals, |_| None);
    let import = match errors.into_iter().next() {
        Some(error) if !import.state.is_final() => progress::fail(&txn, &import, error).await?,
        _ => return Ok(import),
    };
    txn.commit().await?;
    Ok(import)
}

/// Ends the survey's thread when nobody waits for it any more.
#[derive(Default)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
