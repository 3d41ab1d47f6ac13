//! Chunk after chunk, each a transaction that carries its own place.
//!
//! On PostgreSQL the next chunk is decided, and its movements written, while this one settles: in a transaction of its own,
//! which is told what this one adds, and waits for its commit before it touches levels or the import. Where rows weigh
//! what is on hand, the next chunk waits from the start. A chunk that others got in the way of is taken again, and so is
//! the one after it: another may hold what this one waits for, and wait for what the next one holds, which PostgreSQL
//! cannot see.

mod chunk;
#[cfg(test)]
mod tests;

use chunk::{Further, Settled, Written};

use super::errors::RowError;
use super::mapping::Mapping;
use super::outcome::Rehearsal;
use super::progress::{self, Told};
use super::reader::Reader;
use super::rows::{Row, Setup, zone_of};
use super::source::{Layout, Source, Unreadable};
use crate::files::store;
use crate::identity::organizations;
use crate::scope::Pace;
use crate::{Error, Result, Scope};
use entities::data_imports::data_import::{self, DataImportState};
use sea_orm::DbBackend;
use std::time::Duration;

pub(super) struct Run<'a> {
    scope: &'a Scope,
    import: data_import::Model,
    setup: Setup,
    reader: Reader,
    pace: Pace,
    rehearsal: Option<Rehearsal>,
    /// Rows are taken for new ones until one is met that is not; then they are looked up, as long as any is known.
    all_new: bool,
    told: Told,
}

/// The next rows, or how the file ends.
type Next = std::result::Result<Vec<Row>, Unreadable>;

/// How often a chunk that others got in the way of is tried.
pub(super) const TRIES: u64 = 8;
/// How long one waits for others' locks while the next one holds some.
const PATIENCE: Duration = Duration::from_secs(2);

/// The wait before a further try, longer each time.
pub(super) async fn pause(tries: u64) {
    tokio::time::sleep(Duration::from_millis(5 << tries)).await;
}

impl<'a> Run<'a> {
    pub(super) async fn new(scope: &'a Scope, import: data_import::Model, source: Source, most: u64, pace: Pace) -> Result<Self> {
        let layout: Layout = serde_json::from_str(import.layout.as_deref().unwrap_or_default())?;
        let mapping: Mapping = serde_json::from_str(&import.mapping)?;
        let setup = Setup {
            kind: import.kind,
            mapping,
            layout,
            locale: scope.locale(),
            zone: zone_of(&import),
            currency: organizations::get(scope).await?.currency,
            warehouse: import.warehouse_id,
            started_at: import.created_at,
            now: scope.now(),
            near_bound: import.dry_run,
        };
        let done = u64::try_from(import.rows_done()).map_err(Error::internal)?;
        let rehearsal = import.dry_run.then(|| Rehearsal::new(&setup));
        let all_new = !import.dry_run;
        let reader = Reader::start(source, setup.clone(), most, done, store::staging(scope.app()));
        scope.end_read().await;
        // That it runs was told when it began.
        let told = Told::at(import.started_at);
        Ok(Self { scope, import, setup, reader, pace, rehearsal, all_new, told })
    }

    pub(super) async fn run_to_the_end(mut self) -> Result<data_import::Model> {
        let mut next = self.reader.next(self.pace.size()).await?;
        let mut early = None;
        loop {
            let rows = match next {
                Ok(rows) if rows.is_empty() => return Ok(self.import),
                Ok(rows) => rows,
                Err(fault) => return self.fail(&fault).await,
            };
            next = self.reader.next(self.pace.size()).await?;
            let (settled, following) = self.take(&rows, early, &next).await?;
            early = following;
            match settled {
                Settled::Over(import) => return Ok(import),
                Settled::Further(Further { import, held, met_known, told }) => {
                    (self.import, self.told) = (import, told);
                    (self.all_new, self.setup.near_bound) = (self.rehearsal.is_none() && !met_known, self.rehearsal.is_some());
                    self.pace.learn(rows.len(), held);
                    tracing::debug!(import.id = %self.import.id, rows = rows.len(), ?held, "imported a chunk");
                }
            }
        }
    }

    /// Takes a chunk, again when others got in its way.
    async fn take(&mut self, rows: &[Row], mut early: Option<Written<'a>>, next: &Next) -> Result<(Settled, Option<Written<'a>>)> {
        let mut tries = 1;
        loop {
            let done = match self.rehearsal {
                Some(_) => self.rehearse(rows).await.map(|settled| (settled, None)),
                None => self.apply(rows, early.take(), next).await,
            };
            match done {
                Err(Error::Conflict) if tries < TRIES => {
                    (self.all_new, self.setup.near_bound) = (false, true);
                    pause(tries).await;
                }
                done => return done,
            }
            tries += 1;
        }
    }

    /// Writes a chunk, unless it was early, and settles it; meanwhile the next one may be written.
    async fn apply(&self, rows: &[Row], early: Option<Written<'a>>, next: &Next) -> Result<(Settled, Option<Written<'a>>)> {
        let written = match early {
            Some(written) => written,
            None => self.write(rows, None).await?,
        };
        let ahead = match next {
            Ok(next) if !next.is_empty() && written.outcome.leaves_way() && self.works_ahead() => Some(next),
            _ => None,
        };
        let earlier = Rehearsal::before(&written.outcome);
        let patience = ahead.map(|_| PATIENCE);
        let (settled, following) = tokio::join!(self.settle(written, patience), self.write_ahead(ahead, &earlier));
        Ok((settled?, following))
    }

    fn works_ahead(&self) -> bool {
        self.scope.app().database().backend() == DbBackend::Postgres
    }

    /// The next chunk, written early; none where it must wait, or stumbles and is better tried in its turn.
    async fn write_ahead(&self, rows: Option<&Vec<Row>>, earlier: &Rehearsal) -> Option<Written<'a>> {
        self.write(rows?, Some(earlier)).await.ok().filter(|written| written.outcome.leaves_way())
    }

    async fn fail(self, fault: &Unreadable) -> Result<data_import::Model> {
        let txn = self.scope.begin().await?;
        let import = txn.lock::<data_import::Entity>(self.import.id).await?;
        if import.state != DataImportState::Running {
            return Ok(import);
        }
        self.check_place(&import)?;
        let import = progress::fail(&txn, &import, RowError::of_file(fault, self.scope.locale())).await?;
        txn.commit().await?;
        Ok(import)
    }
}
