//! Finding out which alerts the facts call for: one function of facts, alerts, rules and the time, applied to products.
//!
//! A *full* run applies it to every product of the organisations, an *incremental* one to the products that a mark, a
//! deadline or a new day may have changed. Both leave the same alerts and the same timeline, because outside the
//! products an incremental run collects the function changes nothing. The statements are those of `sql/`, in the order
//! of [`Pass`]; they work on temporary tables of the connection, named `ev_…`.
//!
//! On PostgreSQL a mark says whether stock only rose. What rises can end an alert and begin none, so of such a product only
//! what is open is looked at, and its service level.
//!
//! On PostgreSQL a run is one transaction over all organisations that have work. SQLite has one writer, which no run may
//! hold for long: there a run is a row of passes, each over one organisation and as many of its products as take some 30 ms.
//! What is left is in the marks: a new day's products are marked when the day is noticed, a mark of the whole organisation
//! remembers the product it has come to. A full run on SQLite is such a mark. A run ends after [`SQLITE_LONGEST`], whatever is
//! left: an import marks products as fast as they are looked at. What its passes found is announced together by the last one;
//! should the run be cut off before, its job is taken up again and announces it.
//!
//! A run over all organisations that fails is made anew for each of them ([`apart`]): only the one that cannot be worked out
//! goes without.

mod apart;
mod collect;
mod jobs;
mod pass;

pub use jobs::{EvaluateStockAlerts, evaluate_all, evaluate_tenant, request};
pub use pass::Pass;

use crate::scope::{Pace, TenantTx};
use crate::{Error, Reads, Result, SystemScope, sql};
use entities::inventory::ProductId;
use entities::{TenantId, Timestamp};
use sea_orm::DbBackend;
use std::time::{Duration, Instant};

/// How many products a pass on SQLite looks at. Tests, with their handful of products, take more than one pass, too.
fn pace() -> Pace {
    if cfg!(test) { Pace::fixed(3) } else { Pace::adapting(50, 20..=1000) }
}

/// How long a run on SQLite goes on; the next one goes on from there. Tests take a hundred times as many passes.
const SQLITE_LONGEST: Duration = Duration::from_secs(if cfg!(test) { 600 } else { 30 });

/// What to evaluate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extent {
    /// None: every organisation that has work.
    pub tenant: Option<TenantId>,
    /// Every product, whether or not anything can have changed.
    pub full: bool,
}

/// How many organisations a run went without, of how many it looked at one by one; none when all went well together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    pub failed: usize,
    pub of: usize,
}

/// Brings the alerts up to date with the facts and the clock. What fails over all organisations is done for each apart, so
/// that one whose facts cannot be worked out keeps none of the others from their alerts.
pub async fn run(system: &SystemScope, extent: Extent) -> Result<Failures> {
    match (passes(system, extent).await, extent.tenant) {
        (Err(error), None) if !matches!(error, Error::Conflict) => apart::run(system, extent, error).await,
        (done, _) => done.map(|()| Failures::default()),
    }
}

async fn passes(system: &SystemScope, extent: Extent) -> Result<()> {
    let now = system.now();
    if system.app().database().backend() == DbBackend::Postgres {
        let pass = Pass::begin(system, now, extent.full).await?;
        return if pass.tenants(extent, i64::MAX).await? { pass.through().await } else { Ok(()) };
    }
    if extent.full {
        mark_all(system, extent.tenant).await?;
    }
    passes_in_turn(system, Extent { full: false, ..extent }, now).await
}

/// SQLite: pass after pass, each of which lets others write before the next. What they found is announced together, also
/// when a later one failed.
async fn passes_in_turn(system: &SystemScope, extent: Extent, now: Timestamp) -> Result<()> {
    let done = while_there_is_work(system, extent, now).await;
    let waiting = system.read().await?.statement(sql!("waiting_sqlite.sql")).bind("one", extent.tenant).all().await?;
    if !waiting.is_empty() {
        let tx = system.begin().await?;
        pass::announce(system, &tx, system.new_id(), waiting)?;
        tx.commit().await?;
    }
    done
}

async fn while_there_is_work(system: &SystemScope, extent: Extent, now: Timestamp) -> Result<()> {
    let (began, mut pace) = (Instant::now(), pace());
    while began.elapsed() < SQLITE_LONGEST {
        let pass = Pass::begin(system, now, false).await?;
        let held = Instant::now();
        if !pass.tenants(extent, 1).await? {
            return Ok(());
        }
        let products = pass.some_through(pace.size()).await?;
        pace.learn(products, held.elapsed());
        tracing::debug!(products, held = ?held.elapsed(), "evaluated some products");
    }
    tracing::info!("an evaluation leaves the rest to the next");
    Ok(())
}

/// Has a product looked at again, because something changed that no trigger sees.
pub(crate) async fn mark(txn: &TenantTx<'_>, product: ProductId) -> Result<()> {
    txn.statement(sql!("mark.sql")).bind("product", product).run().await.map(drop)
}

async fn mark_all(system: &SystemScope, tenant: Option<TenantId>) -> Result<()> {
    let tx = system.begin().await?;
    tx.statement(sql!("mark_all.sql")).bind("any", TenantId::NIL).bind("one", tenant).run().await?;
    tx.commit().await
}
