//! One chunk: what is decided of its rows, written, and settled with the place of the import.

use super::Run;
use crate::data_imports::outcome::{Outcome, Rehearsal};
use crate::data_imports::progress::{self, Told};
use crate::data_imports::rows::Row;
use crate::data_imports::{movements, products};
use crate::scope::TenantTx;
use crate::{Error, Reads, Result};
use entities::data_imports::data_import::{self, DataImportKind, DataImportState};
use std::time::{Duration, Instant};

/// A chunk whose movements are written, in a transaction that is still open.
pub(super) struct Written<'a> {
    pub(super) txn: TenantTx<'a>,
    pub(super) outcome: Outcome,
    /// Since when it may hold others up.
    pub(super) started: Instant,
}

/// What came of a chunk.
pub(super) enum Settled {
    /// The import goes on from here; others were held up this long.
    Further(Further),
    /// The import was cancelled, or ended by another.
    Over(data_import::Model),
}

pub(super) struct Further {
    pub(super) import: data_import::Model,
    pub(super) held: Duration,
    pub(super) met_known: bool,
    pub(super) told: Told,
}

impl<'a> Run<'a> {
    /// Decides a chunk and writes what holds up nobody.
    pub(super) async fn write(&self, rows: &[Row], earlier: Option<&Rehearsal>) -> Result<Written<'a>> {
        let txn = self.scope.begin().await?;
        let started = Instant::now();
        let outcome = self.decide(&txn, rows, earlier).await?;
        outcome.write(&txn, &self.import).await?;
        Ok(Written { txn, outcome, started })
    }

    /// Writes the rest of a chunk and commits it; a conflict where that takes more than patience.
    pub(super) async fn settle(&self, written: Written<'a>, patience: Option<Duration>) -> Result<Settled> {
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
        let (import, told) = progress::advance(&txn, &import, &outcome.tally, self.told).await?;
        txn.commit().await?;
        Ok(Settled::Further(Further { import, held: started.elapsed(), met_known: outcome.met_known(), told }))
    }

    pub(super) async fn rehearse(&mut self, rows: &[Row]) -> Result<Settled> {
        let outcome = self.decide(self.scope, rows, self.rehearsal.as_ref()).await?;
        let txn = self.scope.begin().await?;
        let started = Instant::now();
        let import = txn.lock::<data_import::Entity>(self.import.id).await?;
        if import.state != DataImportState::Running {
            return Ok(Settled::Over(import));
        }
        self.check_place(&import)?;
        let (import, told) = progress::advance(&txn, &import, &outcome.tally, self.told).await?;
        txn.commit().await?;
        if let Some(rehearsal) = &mut self.rehearsal {
            rehearsal.remember(outcome)?;
        }
        Ok(Settled::Further(Further { import, held: started.elapsed(), met_known: true, told }))
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
    pub(super) fn check_place(&self, import: &data_import::Model) -> Result<()> {
        if import.rows_done() == self.import.rows_done() { Ok(()) } else { Err(Error::Conflict) }
    }
}
