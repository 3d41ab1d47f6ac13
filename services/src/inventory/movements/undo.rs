//! Movements of an import undone, many at once: the same rules as one by one, the newest first, in a handful of statements.
//!
//! What is undone is found by its reverse, so a batch that comes twice does nothing the second time, and what somebody undid by
//! hand is passed over. Levels are held from the start: they decide whether a movement can be undone. Whoever undoes one of
//! them by hand holds its level as well, and either comes first; where that was not seen, it is a conflict.

use super::bulk::Subject;
use super::change::{self, Fit};
use super::day_in;
use super::effects::{self, ServiceDays, Settings};
use crate::scope::{Column, TenantTx};
use crate::{Error, Reads, Result, sql};
use entities::data_imports::DataImportId;
use entities::identity::MembershipId;
use entities::inventory::stock_movement::StockMovementKind;
use entities::inventory::{ProductId, StockMovementId, WarehouseId};
use entities::{Quantity, Timestamp};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// What to undo next of an import, and what the reverses say.
pub(crate) struct Batch<'a> {
    pub import: DataImportId,
    /// Only what was recorded before this; none: from the newest on.
    pub before: Option<StockMovementId>,
    pub most: usize,
    pub by: Option<MembershipId>,
    pub reason: &'a str,
}

/// What became of a batch.
#[derive(Debug)]
pub(crate) struct Done {
    pub looked_at: usize,
    /// The oldest it looked at.
    pub last: Option<StockMovementId>,
    pub undone: i64,
    /// How many stay, for the level that undoing them would leave.
    pub stay: i64,
}

#[derive(sea_orm::FromQueryResult)]
struct Old {
    id: StockMovementId,
    product_id: ProductId,
    warehouse_id: WarehouseId,
    kind: StockMovementKind,
    quantity: Quantity,
    ordered_quantity: Option<Quantity>,
    occurred_at: Timestamp,
    stands: bool,
}

impl Old {
    fn subject(&self) -> Subject {
        (self.product_id, self.warehouse_id)
    }
}

/// Whether an import recorded anything, as far as the ledger tells.
pub(crate) async fn recorded_any(on: &impl Reads, import: DataImportId) -> Result<bool> {
    let any: Option<i64> = on.statement(sql!("recorded_by_import.sql")).bind("import", import).value().await?;
    Ok(any.is_some())
}

/// Undoes what stands of the next movements, as far as their levels allow it.
pub(crate) async fn undo(txn: &TenantTx<'_>, ask: &Batch<'_>) -> Result<Done> {
    let before = ask.before.map_or(Uuid::max(), |id| id.0);
    let batch = txn.statement(sql!("undo_batch.sql")).bind("import", ask.import).bind("before", before);
    let all: Vec<Old> = batch.bind("most", i64::try_from(ask.most).unwrap_or(i64::MAX)).all().await?;
    let (looked_at, last) = (all.len(), all.last().map(|old| old.id));
    let standing: Vec<Old> = all.into_iter().filter(|old| old.stands).collect();
    if standing.is_empty() {
        return Ok(Done { looked_at, last, undone: 0, stay: 0 });
    }
    let settings = Settings::read(txn).await?;
    let (going, stay) = judge(txn, &settings, standing).await?;
    if !going.is_empty() {
        write(txn, ask, &going).await?;
        settle(txn, &settings, &going).await?;
    }
    Ok(Done { looked_at, last, undone: going.len() as i64, stay })
}

/// Those that can be undone one after the other, and how many cannot.
async fn judge(txn: &TenantTx<'_>, settings: &Settings, standing: Vec<Old>) -> Result<(Vec<Old>, i64)> {
    let mut subjects: Vec<Subject> = standing.iter().map(Old::subject).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let mut levels: HashMap<Subject, Quantity> = effects::levels(txn, &subjects, true).await?;
    let all = standing.len();
    let mut going = Vec::with_capacity(all);
    for old in standing {
        let level = levels.entry(old.subject()).or_default();
        if change::fit(settings.policy, *level, -old.quantity) == Fit::Fits {
            *level += -old.quantity;
            going.push(old);
        }
    }
    let stay = all - going.len();
    Ok((going, stay as i64))
}

async fn write(txn: &TenantTx<'_>, ask: &Batch<'_>, going: &[Old]) -> Result<()> {
    let mut ids: Vec<Uuid> = going.iter().map(|_| txn.new_id()).collect();
    ids.sort_unstable();
    let rows = vec![Column::uuids(ids), Column::uuids(going.iter().map(|old| old.id))];
    let insert = txn.statement(sql!("undo_insert.sql")).rows("r", rows).bind("now", txn.now()).bind("reason", ask.reason);
    let written = insert.bind("by", ask.by).run().await?;
    if written == going.len() as u64 { Ok(()) } else { Err(Error::Conflict) }
}

async fn settle(txn: &TenantTx<'_>, settings: &Settings, going: &[Old]) -> Result<()> {
    let (mut moved, mut days, zone) = (BTreeMap::new(), ServiceDays::new(), settings.zone());
    for old in going {
        *moved.entry(old.subject()).or_insert(Quantity::ZERO) += -old.quantity;
        let Some(line) = change::line_of(old.kind, old.quantity, old.ordered_quantity) else { continue };
        let day = days.entry((old.product_id, day_in(old.occurred_at, zone))).or_default();
        *day = day.and(line.undone());
    }
    effects::add_to_levels(txn, &moved, txn.now()).await?;
    effects::add_to_service_days(txn, &days).await?;
    effects::tell(txn, moved.iter()).await
}
