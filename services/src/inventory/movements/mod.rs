//! The ledger of stock movements: recording, transferring, undoing, reading.

mod at_once;
pub(crate) mod bulk;
mod change;
mod effects;
mod keys;
mod read;
#[cfg(test)]
mod refusing;
mod subject;
#[cfg(test)]
mod tests;
mod timeline;
mod typed;
pub(crate) mod undo;

pub(crate) use change::{Line, ProductFacts};
pub use change::{RecordMovement, StockChange, Warning};
pub use read::{MovementFilter, by_ids, find, first_pages, on_hand_after, page};
pub use subject::Subject;
pub use typed::{TypedMovement, TypedTransfer, record_typed, transfer_typed};

use crate::events::NewEvent;
use crate::identity::Permission;
use crate::scope::{ReadsWithin, TenantTx};
use crate::{Code, Error, Reads, Refusals, Result, Scope, events, sql};
use chrono::Datelike;
use entities::identity::organization::NegativeStockPolicy;
use entities::inventory::stock_movement::{self, StockMovementKind};
use entities::inventory::{ProductId, StockMovementId, WarehouseId};
use entities::{Quantity, Timestamp};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel};
use std::collections::BTreeMap;
use std::str::FromStr;

/// A recorded movement and what should be known about it.
#[derive(Debug)]
pub struct Recorded {
    pub movement: stock_movement::Model,
    /// What was on hand after it; None for a repeated call, whose answer has not been worked out again.
    pub on_hand_after: Option<Quantity>,
    pub warnings: Vec<Warning>,
}

/// The two movements of a transfer.
#[derive(Debug, PartialEq, Eq)]
pub struct Transferred {
    pub out: stock_movement::Model,
    pub into: stock_movement::Model,
    pub warnings: Vec<Warning>,
}

/// A movement of stock from one warehouse to another.
#[derive(Clone, Debug)]
pub struct RecordTransfer {
    pub product: ProductId,
    pub from: WarehouseId,
    pub to: WarehouseId,
    pub quantity: Quantity,
    pub occurred_at: Option<Timestamp>,
    pub reference: Option<String>,
    pub idempotency_key: Option<String>,
}

/// Records one movement of stock.
pub async fn record(scope: &Scope, input: RecordMovement) -> Result<Recorded> {
    scope.require(Permission::InventoryStockMovementRecord)?;
    record_unless(scope, input, Refusals::default()).await
}

/// Records it unless something stands against it: what is known already, or what is found.
async fn record_unless(scope: &Scope, input: RecordMovement, mut refusals: Refusals) -> Result<Recorded> {
    refusals.also(input.check(scope.now(), scope.locale()))?;
    if !refusals.is_empty() {
        return Err(subject::refused(scope, &[(&input, "warehouseId")], refusals).await);
    }
    if let Some(recorded) = at_once::record(scope, &input).await? {
        return Ok(recorded);
    }
    let txn = scope.begin().await?;
    if let Some(known) = known_by_key(&txn, &input, None).await? {
        return Ok(Recorded { movement: known, on_hand_after: None, warnings: Vec::new() });
    }
    let subject = Subject::fitting(&txn, txn.locale(), &input, "warehouseId").await?;
    let counts = input.kind == StockMovementKind::Count;
    let there = if counts { on_hand_at(&txn, input.product, input.warehouse, input.occurred_at(txn.now())).await? } else { None };
    let counted_from = counts.then(|| there.unwrap_or_default());
    let change = StockChange::of(&input, counted_from, txn.now());
    let on_hand = match there {
        None if counts => open_level(&txn, (input.product, input.warehouse), change.quantity).await?,
        _ => add_to_level(&txn, &subject, &input, change.quantity).await?,
    };
    let movement = insert(&txn, change.row(scope, &input)).await?;
    if let Some(line) = change.line() {
        add_to_service_day(&txn, input.product, day_of(change.occurred_at, &subject.time_zone), line).await?;
    }
    announce(&txn, &movement, on_hand);
    let on_hand_after = Some(on_hand - moved_later(&txn, &movement).await?);
    txn.commit().await?;
    let warnings = change::warnings(subject.policy, movement.quantity, on_hand);
    Ok(Recorded { movement, on_hand_after, warnings })
}

/// Moves stock between two warehouses: out of one and into the other in one transaction.
pub async fn transfer(scope: &Scope, input: RecordTransfer) -> Result<Transferred> {
    scope.require(Permission::InventoryStockMovementRecord)?;
    transfer_unless(scope, input, Refusals::default()).await
}

async fn transfer_unless(scope: &Scope, input: RecordTransfer, mut refusals: Refusals) -> Result<Transferred> {
    if input.from == input.to {
        refusals.add(Code::Invalid, "toWarehouseId", scope.locale().say("transfer-same-warehouse", &[]));
    }
    let (out, into) = change::halves(&input);
    refusals.also(out.check(scope.now(), scope.locale()))?;
    let both = [(&out, "fromWarehouseId"), (&into, "toWarehouseId")];
    if !refusals.is_empty() {
        return Err(subject::refused(scope, &both, refusals).await);
    }
    let txn = scope.begin().await?;
    if let Some(known) = known_by_key(&txn, &out, Some(input.to)).await? {
        let other = known.counterpart_id.ok_or_else(|| Error::internal("a transfer without its other half"))?;
        let into = txn.get::<stock_movement::Entity>(other).await?;
        return Ok(Transferred { out: known, into, warnings: Vec::new() });
    }
    let [mut source, mut target] = fitting_both(&txn, both).await?;
    let changes = (StockChange::of(&out, None, txn.now()), StockChange::of(&into, None, txn.now()));
    // Levels are locked in the order of their warehouses, whichever way the goods go.
    let out_first = entities::types::byte_order(out.warehouse.0, into.warehouse.0).is_lt();
    let (mut left, mut arrived) = (Quantity::ZERO, Quantity::ZERO);
    for outward in [out_first, !out_first] {
        if outward {
            left = add_to_level(&txn, &source, &out, changes.0.quantity).await?;
            source.on_hand = Some(left);
        } else {
            arrived = add_to_level(&txn, &target, &into, changes.1.quantity).await?;
            target.on_hand = Some(arrived);
        }
    }
    let (mut out_row, mut in_row) = (changes.0.row(scope, &out), changes.1.row(scope, &into));
    out_row.fingerprint = out.fingerprint(Some(input.to));
    (out_row.counterpart_id, in_row.counterpart_id) = (Some(in_row.id), Some(out_row.id));
    let (out_row, in_row) = (insert(&txn, out_row).await?, insert(&txn, in_row).await?);
    announce(&txn, &out_row, left);
    announce(&txn, &in_row, arrived);
    txn.commit().await?;
    let warnings = change::warnings(source.policy, out_row.quantity, left);
    Ok(Transferred { out: out_row, into: in_row, warnings })
}

async fn fitting_both(txn: &TenantTx<'_>, [from, to]: [(&RecordMovement, &str); 2]) -> Result<[Subject; 2]> {
    let mut refusals = Refusals::default();
    let source = refusals.also(Subject::fitting(txn, txn.locale(), from.0, from.1).await)?;
    let target = refusals.also(Subject::fitting(txn, txn.locale(), to.0, to.1).await)?;
    refusals.check()?;
    // Without one it has been refused.
    Ok([source.ok_or(Error::NotFound)?, target.ok_or(Error::NotFound)?])
}

/// Undoes a movement, and the other half of a transfer with it, as if it had never been; answers the reverse.
pub async fn reverse(scope: &Scope, id: StockMovementId, reason: &str) -> Result<stock_movement::Model> {
    scope.require(Permission::InventoryStockMovementReverse)?;
    let mut refusals = Refusals::default();
    let reason = crate::identity::check_prose(reason, "reason", 500, scope.locale(), &mut refusals);
    refusals.check()?;
    let txn = scope.begin().await?;
    let unknown = || scope.locale().say("movement-unknown", &[]);
    let old = txn.find_within::<stock_movement::Entity>(Permission::InventoryStockMovementReverse, id).await?;
    let old = old.ok_or_else(|| Error::refuse(Code::NotFound, "id", unknown()))?;
    if old.reverses_id.is_some() {
        return Err(Error::refuse(Code::ForbiddenState, "id", scope.locale().say("movement-is-reverse", &[])));
    }
    let mut all = vec![old];
    if let Some(other) = all[0].counterpart_id {
        all.push(txn.get::<stock_movement::Entity>(other).await?);
    }
    let asked = all[0].id;
    all.sort_by(|a, b| entities::types::byte_order(a.warehouse_id.0, b.warehouse_id.0));
    let mut answer = None;
    for old in &all {
        // What is short is not in the input: the movement to undo is.
        let row = reverse_one(&txn, old, &reason).await.map_err(|e| e.rename_path("quantity", "id"))?;
        if old.id == asked {
            answer = Some(row);
        }
    }
    txn.commit().await?;
    answer.ok_or_else(|| Error::internal("nothing was reversed"))
}

async fn reverse_one(txn: &TenantTx<'_>, old: &stock_movement::Model, reason: &str) -> Result<stock_movement::Model> {
    let input = RecordMovement::reverse_of(old, reason);
    let subject = Subject::find(txn, old.product_id, old.warehouse_id).await?.ok_or_else(|| Error::internal("a movement of nothing"))?;
    let on_hand = add_to_level(txn, &subject, &input, -old.quantity).await?;
    let done = || txn.locale().say("movement-already-reversed", &[]);
    let row = insert(txn, change::reverse_row(txn, old, reason)).await.map_err(|e| e.or_refuse_duplicate("reverses", "id", done()))?;
    if let Some(line) = change::line_of(old.kind, old.quantity, old.ordered_quantity) {
        add_to_service_day(txn, old.product_id, day_of(old.occurred_at, &subject.time_zone), line.undone()).await?;
    }
    announce(txn, &row, on_hand);
    Ok(row)
}

/// The movement an idempotency key already stands for; with other content the key is refused.
async fn known_by_key(txn: &TenantTx<'_>, input: &RecordMovement, to: Option<WarehouseId>) -> Result<Option<stock_movement::Model>> {
    let Some(key) = input.dedup_key() else { return Ok(None) };
    let known = txn.select::<stock_movement::Entity>().filter(stock_movement::Column::DedupKey.eq(key)).one().await?;
    match known {
        Some(known) if known.fingerprint != input.fingerprint(to) => Err(key_mismatch(txn)),
        // Of a movement out of reach, its key is taken and nothing else is said.
        Some(known) if known.recorded_by != txn.membership() && !in_reach(txn, known.id).await? => Err(key_mismatch(txn)),
        known => Ok(known),
    }
}

async fn in_reach(txn: &TenantTx<'_>, id: StockMovementId) -> Result<bool> {
    match txn.find_within::<stock_movement::Entity>(Permission::InventoryStockMovementRead, id).await {
        Err(Error::Forbidden(_)) => Ok(false),
        found => Ok(found?.is_some()),
    }
}

fn key_mismatch(txn: &TenantTx<'_>) -> Error {
    Error::refuse(Code::IdempotencyMismatch, "idempotencyKey", txn.locale().say("idempotency-mismatch", &[]))
}

/// Writes a movement. Of two calls with one key at the same time the second tries again, and finds the first one's movement.
async fn insert(txn: &TenantTx<'_>, row: stock_movement::Model) -> Result<stock_movement::Model> {
    let written = txn.insert(row.into_active_model().reset_all()).await;
    written.map_err(|error| if error.duplicates("dedup_key") { Error::Conflict } else { error })
}

/// What the ledger says was on hand at an instant; holds the level until the commit. None: nothing has moved yet.
async fn on_hand_at(txn: &TenantTx<'_>, product: ProductId, warehouse: WarehouseId, at: Timestamp) -> Result<Option<Quantity>> {
    let level = txn.statement(sql!("lock_level.sql")).bind("product", product).bind("warehouse", warehouse).one::<LevelId>().await?;
    if level.is_none() {
        return Ok(None);
    }
    let sum = txn.statement(sql!("on_hand_at.sql")).bind("product", product).bind("warehouse", warehouse).bind("at", at);
    Ok(Some(Quantity(sum.value().await?.unwrap_or(0))))
}

#[derive(sea_orm::FromQueryResult)]
struct LevelId {
    #[allow(dead_code)]
    id: uuid::Uuid,
}

/// Makes the level of what was counted before anything moved; a conflict where something has moved meanwhile.
async fn open_level(txn: &TenantTx<'_>, subject: bulk::Subject, quantity: Quantity) -> Result<Quantity> {
    effects::open_levels(txn, &BTreeMap::from([(subject, quantity)])).await.map(|()| quantity)
}

/// Changes the level by the signed quantity, or refuses where the policy or the bound of levels forbids what it would become.
async fn add_to_level(txn: &TenantTx<'_>, subject: &Subject, input: &RecordMovement, quantity: Quantity) -> Result<Quantity> {
    let forbids = subject.policy == NegativeStockPolicy::Forbid && quantity < Quantity::ZERO;
    let short = || change::insufficient(subject.on_hand.unwrap_or_default(), txn.locale());
    if forbids && subject.on_hand.is_none() {
        return Err(short());
    }
    let upsert = txn.statement(sql!("add_to_level.sql")).bind("id", txn.new_id::<uuid::Uuid>()).bind("product", input.product);
    let upsert = upsert.bind("warehouse", input.warehouse).bind("quantity", quantity).bind("forbids", forbids).bind("now", txn.now());
    let after = upsert.bind("most", Quantity::MOST_ON_HAND).value::<i64>().await?.map(Quantity);
    after.ok_or_else(|| if forbids { short() } else { change::beyond(txn.locale()) })
}

/// What moved after a movement in the order of occurrence; the level is held, so that none comes in between.
async fn moved_later(txn: &TenantTx<'_>, movement: &stock_movement::Model) -> Result<Quantity> {
    let sum = txn.statement(sql!("moved_later.sql")).bind("product", movement.product_id).bind("warehouse", movement.warehouse_id);
    Ok(Quantity(sum.bind("at", movement.occurred_at).bind("id", movement.id).value().await?.unwrap_or(0)))
}

async fn add_to_service_day(txn: &TenantTx<'_>, product: ProductId, day: i32, line: change::Line) -> Result<()> {
    let add = txn.statement(sql!("add_to_service_day.sql")).bind("product", product).bind("day", day).bind("lines", line.lines);
    add.bind("short_lines", line.short_lines).bind("ordered", line.ordered).bind("delivered", line.delivered).run().await.map(drop)
}

fn announce(txn: &TenantTx<'_>, movement: &stock_movement::Model, on_hand: Quantity) {
    let mut event = announcement((movement.product_id, movement.warehouse_id), movement.quantity, Some(movement.id));
    event.payload["onHand"] = on_hand.0.into();
    txn.record(event);
}

/// The event of a movement, or of many at once, but for what is on hand after it.
fn announcement((product, warehouse): bulk::Subject, quantity: Quantity, movement: Option<StockMovementId>) -> NewEvent {
    let payload = serde_json::json!({ "movement": movement, "warehouse": warehouse, "quantity": quantity });
    NewEvent::new(stream_of(product), "StockMoved", payload)
}

/// The stream of a product's stock.
pub fn stream_of(product: ProductId) -> String {
    format!("product:{product}")
}

/// From now on the product's stream is told of imports, too.
pub async fn watch(scope: &Scope, product: ProductId) -> Result<()> {
    scope.require(Permission::InventoryStockRead)?;
    events::mark_followed(scope, &stream_of(product)).await
}

/// The number of a local day since 1970-01-01 in a time zone.
pub fn day_of(at: Timestamp, time_zone: &str) -> i32 {
    day_in(at, chrono_tz::Tz::from_str(time_zone).unwrap_or(chrono_tz::UTC))
}

fn day_in(at: Timestamp, zone: chrono_tz::Tz) -> i32 {
    at.to_utc().with_timezone(&zone).date_naive().num_days_from_ce() - 719_163
}
