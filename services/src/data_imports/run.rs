//! The job: survey, then chunk after chunk, each a transaction that carries its own place.

use super::errors::RowError;
use super::mapping::Mapping;
use super::outcome::{Outcome, Rehearsal};
use super::pace::Pace;
use super::reader::Reader;
use super::rows::{Row, Setup};
use super::source::{Layout, Source, Unreadable};
use super::survey::survey;
use super::{movements, products, progress};
use crate::files::store;
use crate::identity::organizations;
use crate::locale::Locale;
use crate::scope::TenantTx;
use crate::work::{JobKind, Running};
use crate::{Error, Reads, Result, Scope, sql};
use chrono_tz::Tz;
use entities::data_imports::DataImportId;
use entities::data_imports::data_import::{self, DataImportKind, DataImportState};
use entities::files::file;
use sea_orm::ActiveValue::{Set, Unchanged};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

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
    const TIMEOUT: Duration = Duration::from_secs(3600);
}

/// A file may inflate to this many times the largest upload.
const INFLATED: u64 = 8;

/// Runs an import, or goes on with it where it was left.
pub async fn run(scope: &Scope, job: &Running, payload: RunImport) -> Result<()> {
    let pace = Pace::of(scope.app().database().backend());
    let done = run_paced(scope, job, payload.import, pace).await;
    match done {
        Err(error @ (Error::Internal(_) | Error::Conflict)) if job.lease_token.is_some() && job.attempts >= job.max_attempts => {
            give_up(scope, payload.import).await?;
            Err(error)
        }
        done => done,
    }
}

pub(super) async fn run_paced(scope: &Scope, job: &Running, id: DataImportId, pace: Pace) -> Result<()> {
    let import = scope.get::<data_import::Entity>(id).await?;
    scope.end_read().await;
    let locale = Locale::of_tag(&import.locale).unwrap_or_default();
    // Row errors speak the starter's language.
    let scope = Scope::system(scope.app(), scope.tenant(), locale);
    let source = source_of(&scope, &import).await?;
    let most = scope.app().settings().import_max_bytes.saturating_mul(INFLATED);
    let import = match import.state {
        DataImportState::Queued => begin(&scope, &import, &source, most).await?,
        DataImportState::Running if import.dry_run => begin_again(&scope, &import).await?,
        _ => import,
    };
    let import = match import.state {
        DataImportState::Running => Run::new(&scope, import, source, most, pace).await?.run_to_the_end().await?,
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
async fn begin(scope: &Scope, import: &data_import::Model, source: &Source, most: u64) -> Result<data_import::Model> {
    scope.end_read().await;
    let stop = StopOnDrop::default();
    let (source, go_on) = (source.clone(), stop.0.clone());
    let looking = tokio::task::spawn_blocking(move || survey(&source, most, || !go_on.load(Ordering::Relaxed)));
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
        errors_kept: Set(0),
        ..Default::default()
    };
    let import = progress::change(&txn, row).await?;
    txn.commit().await?;
    Ok(import)
}

/// The last try failed through no fault of the file.
async fn give_up(scope: &Scope, id: DataImportId) -> Result<()> {
    let txn = scope.begin().await?;
    let import = txn.lock::<data_import::Entity>(id).await?;
    if !import.state.is_final() {
        let locale = Locale::of_tag(&import.locale).unwrap_or_default();
        let line = u64::try_from(import.rows_done()).unwrap_or(0) + 2;
        progress::fail(&txn, &import, RowError::of_file(&Unreadable::new("import-gave-up", line), locale)).await?;
    }
    txn.commit().await
}

/// Ends the survey's thread when nobody waits for it any more.
#[derive(Default)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Run<'a> {
    scope: &'a Scope,
    import: data_import::Model,
    setup: Setup,
    reader: Reader,
    pace: Pace,
    rehearsal: Option<Rehearsal>,
    /// Somebody else has taken this import further.
    moved_on: bool,
}

/// How often a chunk that others got in the way of is tried.
const TRIES: u64 = 8;

impl<'a> Run<'a> {
    async fn new(scope: &'a Scope, import: data_import::Model, source: Source, most: u64, pace: Pace) -> Result<Self> {
        let layout: Layout = serde_json::from_str(import.layout.as_deref().unwrap_or_default())?;
        let mapping: Mapping = serde_json::from_str(&import.mapping)?;
        let setup = Setup {
            kind: import.kind,
            mapping,
            layout,
            locale: scope.locale(),
            zone: Tz::from_str(&import.time_zone).unwrap_or(chrono_tz::UTC),
            currency: organizations::get(scope).await?.currency,
            warehouse: import.warehouse_id,
            started_at: import.created_at,
            now: scope.now(),
        };
        let done = u64::try_from(import.rows_done()).map_err(Error::internal)?;
        let rehearsal = import.dry_run.then(|| Rehearsal::new(&setup));
        let reader = Reader::start(source, setup.clone(), most, done);
        scope.end_read().await;
        Ok(Self { scope, import, setup, reader, pace, rehearsal, moved_on: false })
    }

    async fn run_to_the_end(mut self) -> Result<data_import::Model> {
        loop {
            let rows = match self.reader.next(self.pace.rows()).await? {
                Ok(rows) if rows.is_empty() => return Ok(self.import),
                Ok(rows) => rows,
                Err(fault) => return self.fail(&fault).await,
            };
            let started = Instant::now();
            let held = self.take(&rows).await?;
            self.pace.learn(rows.len(), held);
            if self.import.state != DataImportState::Running {
                return Ok(self.import);
            }
            tracing::debug!(import.id = %self.import.id, rows = rows.len(), held = ?held, took = ?started.elapsed(), "imported a chunk");
        }
    }

    /// Takes a chunk, again when others got in its way; says how long it held its locks.
    async fn take(&mut self, rows: &[Row]) -> Result<Duration> {
        let mut tries = 1;
        loop {
            let done = if self.rehearsal.is_some() { self.rehearse(rows).await } else { self.apply(rows).await };
            match done {
                Err(Error::Conflict) if tries < TRIES && !self.moved_on => {
                    tokio::time::sleep(Duration::from_millis(5 << tries)).await;
                    tries += 1;
                }
                done => return done,
            }
        }
    }

    async fn apply(&mut self, rows: &[Row]) -> Result<Duration> {
        let txn = self.scope.begin().await?;
        let started = Instant::now();
        let Some(import) = self.still_mine(&txn).await? else { return Ok(Duration::ZERO) };
        let outcome = self.decide(&txn, rows).await?;
        outcome.write(&txn, &import).await?;
        let import = progress::advance(&txn, &import, &outcome.tally).await?;
        txn.commit().await?;
        self.import = import;
        Ok(started.elapsed())
    }

    async fn rehearse(&mut self, rows: &[Row]) -> Result<Duration> {
        let outcome = self.decide(self.scope, rows).await?;
        let txn = self.scope.begin().await?;
        let started = Instant::now();
        let Some(import) = self.still_mine(&txn).await? else { return Ok(Duration::ZERO) };
        let import = progress::advance(&txn, &import, &outcome.tally).await?;
        txn.commit().await?;
        self.import = import;
        if let Some(rehearsal) = &mut self.rehearsal {
            rehearsal.remember(outcome);
        }
        Ok(started.elapsed())
    }

    async fn decide(&self, on: &impl Reads, rows: &[Row]) -> Result<Outcome> {
        let (app, add, rehearsal) = (self.scope.app(), self.import.create_missing, self.rehearsal.as_ref());
        match self.setup.kind {
            DataImportKind::StockMovements => movements::decide(on, app, &self.setup, rows, add, rehearsal).await,
            DataImportKind::Products => products::decide(on, app, &self.setup, rows, add, rehearsal).await,
        }
    }

    /// The import, held, when it still stands where this run left it; none when it was cancelled.
    async fn still_mine(&mut self, txn: &TenantTx<'_>) -> Result<Option<data_import::Model>> {
        let import = txn.lock::<data_import::Entity>(self.import.id).await?;
        if import.state != DataImportState::Running {
            self.import = import;
            return Ok(None);
        }
        // Another worker that was thought dead, or that thought us dead: the ledger of jobs decides between us.
        if import.rows_done() != self.import.rows_done() {
            self.moved_on = true;
            return Err(Error::Conflict);
        }
        Ok(Some(import))
    }

    async fn fail(mut self, fault: &Unreadable) -> Result<data_import::Model> {
        let txn = self.scope.begin().await?;
        let Some(import) = self.still_mine(&txn).await? else { return Ok(self.import) };
        let import = progress::fail(&txn, &import, RowError::of_file(fault, self.scope.locale())).await?;
        txn.commit().await?;
        Ok(import)
    }
}
