//! Chunk after chunk, each a transaction that carries its own place.
//!
//! On PostgreSQL the next chunk is decided, and its movements written, while this one settles: in a transaction of its own,
//! which is told what this one adds, and waits for its commit before it touches levels or the import. Where rows weigh
//! what is on hand, the next chunk waits from the start. A chunk that others got in the way of is taken again, and so is
//! the one after it: another may hold what this one waits for, and wait for what the next one holds, which PostgreSQL
//! cannot see.

use super::errors::RowError;
use super::mapping::Mapping;
use super::outcome::{Outcome, Rehearsal};
use super::reader::Reader;
use super::rows::{Row, Setup};
use super::source::{Layout, Source, Unreadable};
use super::{movements, products, progress};
use crate::identity::organizations;
use crate::scope::Pace;
use crate::scope::TenantTx;
use crate::{Error, Reads, Result, Scope};
use chrono_tz::Tz;
use entities::data_imports::data_import::{self, DataImportKind, DataImportState};
use sea_orm::DbBackend;
use std::str::FromStr;
use std::time::{Duration, Instant};

pub(super) struct Run<'a> {
    scope: &'a Scope,
    import: data_import::Model,
    setup: Setup,
    reader: Reader,
    pace: Pace,
    rehearsal: Option<Rehearsal>,
    /// Rows are taken for new ones until one is met that is not; then they are looked up, as long as any is known.
    all_new: bool,
}

/// A chunk whose movements are written, in a transaction that is still open.
struct Written<'a> {
    txn: TenantTx<'a>,
    outcome: Outcome,
    /// Since when it may hold others up.
    started: Instant,
}

/// What came of a chunk.
enum Settled {
    /// The import goes on from here; others were held up this long.
    Further(Further),
    /// The import was cancelled, or ended by another.
    Over(data_import::Model),
}

struct Further {
    import: data_import::Model,
    held: Duration,
    met_known: bool,
}

/// The next rows, or how the file ends.
type Next = std::result::Result<Vec<Row>, Unreadable>;

/// How often a chunk that others got in the way of is tried.
const TRIES: u64 = 8;
/// How long one waits for others' locks while the next one holds some.
const PATIENCE: Duration = Duration::from_secs(2);

impl<'a> Run<'a> {
    pub(super) async fn new(scope: &'a Scope, import: data_import::Model, source: Source, most: u64, pace: Pace) -> Result<Self> {
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
            near_bound: import.dry_run,
        };
        let done = u64::try_from(import.rows_done()).map_err(Error::internal)?;
        let rehearsal = import.dry_run.then(|| Rehearsal::new(&setup));
        let all_new = !import.dry_run;
        let reader = Reader::start(source, setup.clone(), most, done);
        scope.end_read().await;
        Ok(Self { scope, import, setup, reader, pace, rehearsal, all_new })
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
                Settled::Further(Further { import, held, met_known }) => {
                    self.import = import;
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
                    tokio::time::sleep(Duration::from_millis(5 << tries)).await;
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

    /// Decides a chunk and writes what holds up nobody.
    async fn write(&self, rows: &[Row], earlier: Option<&Rehearsal>) -> Result<Written<'a>> {
        let txn = self.scope.begin().await?;
        let started = Instant::now();
        let outcome = self.decide(&txn, rows, earlier).await?;
        outcome.write(&txn, &self.import).await?;
        Ok(Written { txn, outcome, started })
    }

    /// Writes the rest of a chunk and commits it; a conflict where that takes more than patience.
    async fn settle(&self, written: Written<'a>, patience: Option<Duration>) -> Result<Settled> {
        let Written { txn, outcome, started } = written;
        if let Some(patience) = patience {
            txn.wait_at_most(patience).await?;
        }
        let import = txn.lock::<data_import::Entity>(self.import.id).await?;
        if import.state != DataImportState::Running {
            return Ok(Settled::Over(import));
        }
        self.check_place(&import)?;
        outcome.settle(&txn).await?;
        let import = progress::advance(&txn, &import, &outcome.tally).await?;
        txn.commit().await?;
        Ok(Settled::Further(Further { import, held: started.elapsed(), met_known: outcome.met_known() }))
    }

    async fn rehearse(&mut self, rows: &[Row]) -> Result<Settled> {
        let outcome = self.decide(self.scope, rows, self.rehearsal.as_ref()).await?;
        let txn = self.scope.begin().await?;
        let started = Instant::now();
        let import = txn.lock::<data_import::Entity>(self.import.id).await?;
        if import.state != DataImportState::Running {
            return Ok(Settled::Over(import));
        }
        self.check_place(&import)?;
        let import = progress::advance(&txn, &import, &outcome.tally).await?;
        txn.commit().await?;
        if let Some(rehearsal) = &mut self.rehearsal {
            rehearsal.remember(outcome)?;
        }
        Ok(Settled::Further(Further { import, held: started.elapsed(), met_known: true }))
    }

    async fn decide(&self, on: &impl Reads, rows: &[Row], earlier: Option<&Rehearsal>) -> Result<Outcome> {
        let (app, add) = (self.scope.app(), self.import.create_missing);
        match self.setup.kind {
            DataImportKind::StockMovements => movements::decide(on, app, &self.setup, rows, add, earlier, self.all_new).await,
            DataImportKind::Products => products::decide(on, app, &self.setup, rows, add, earlier).await,
        }
    }

    /// Refuses to go on where another worker did, one that was thought dead, or that thought us dead: the ledger of jobs
    /// decides between us.
    fn check_place(&self, import: &data_import::Model) -> Result<()> {
        if import.rows_done() == self.import.rows_done() { Ok(()) } else { Err(Error::Conflict) }
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

#[cfg(test)]
mod tests {
    use super::super::run::begin;
    use super::super::survey::Bounds;
    use super::super::tests::{check_sums, of, set_policy};
    use super::super::{StartImport, start};
    use super::*;
    use crate::testing::Fixture;
    use entities::identity::organization::NegativeStockPolicy::{Allow, Forbid, Warn};
    use entities::inventory::{product, stock_level};
    use sea_orm::{ActiveModelTrait, IntoActiveModel};

    /// One that is thrown away is written twice, which nothing but the time it takes would show.
    #[tokio::test]
    async fn the_next_chunk_is_written_early_and_kept_unless_levels_decide() {
        for (policy, kept) in [(Allow, true), (Warn, true), (Forbid, false)] {
            let fixture = Fixture::new().await;
            if fixture.app.database().backend() != DbBackend::Postgres {
                return;
            }
            set_policy(&fixture, policy).await;
            let content = format!("sku,quantity,kind\n{}", "TISSU,1,RECEIPT\n".repeat(14));
            let import = start(&fixture.again(), StartImport { create_missing: true, ..of(&content) }).await.unwrap();
            let (scope, source) = (fixture.again(), Source::Content(content));
            let most = Bounds { bytes: 1 << 20, rows: 100 };
            let import = begin(&scope, &import, &source, most).await.unwrap();
            let mut run = Run::new(&scope, import, source, most.bytes, Pace::fixed(7)).await.unwrap();
            let (first, next) = (run.reader.next(7).await.unwrap().unwrap(), run.reader.next(7).await.unwrap());
            let (settled, following) = run.take(&first, None, &next).await.unwrap();
            assert!(matches!(settled, Settled::Further(_)));
            assert_eq!(following.is_some(), kept, "{policy:?}");
        }
    }
    /// Another holds the level this chunk adds to, and waits for the product the next one has written.
    #[tokio::test]
    async fn whoever_waits_for_the_next_chunk_is_not_waited_for_in_vain() {
        let fixture = Fixture::new().await;
        if fixture.app.database().backend() != DbBackend::Postgres {
            return;
        }
        let (old, level) = {
            let old = fixture.product().sku("ANCIEN").on_hand(5).create().await;
            let level = fixture.again().select::<stock_level::Entity>().one().await.unwrap().unwrap();
            (old, level)
        };
        let content = format!("sku,quantity,kind\n{}{}", "ANCIEN,1,RECEIPT\n".repeat(7), "NOUVEAU,1,RECEIPT\n".repeat(7));
        let import = start(&fixture.again(), StartImport { create_missing: true, ..of(&content) }).await.unwrap();
        let (scope, other, source) = (fixture.again(), fixture.again(), Source::Content(content));
        let most = Bounds { bytes: 1 << 20, rows: 100 };
        let import = begin(&scope, &import, &source, most).await.unwrap();
        let run = Run::new(&scope, import, source, most.bytes, Pace::fixed(7)).await.unwrap();
        let txn = other.begin().await.unwrap();
        txn.lock::<stock_level::Entity>(level.id).await.unwrap();
        let another = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let new = product::Model { id: other.new_id(), sku: "NOUVEAU".into(), ..old };
            txn.insert(new.into_active_model().reset_all()).await.unwrap();
            txn.commit().await.unwrap();
        };
        let both = async { tokio::join!(run.run_to_the_end(), another).0 };
        let import = tokio::time::timeout(Duration::from_secs(20), both).await.expect("nobody waits for ever").unwrap();
        assert_eq!(import.rows_applied, 14);
        check_sums(&fixture).await;
    }
}
