//! The rule of a movement, without a database: what it does to stock, and when it is refused.

use super::RecordTransfer;
use crate::inventory::quantity;
use crate::locale::Locale;
use crate::scope::TenantTx;
use crate::{Code, Error, Refusals, Result, Scope};
use chrono::TimeDelta;
use entities::identity::organization::NegativeStockPolicy;
use entities::inventory::stock_movement::{Model, StockMovementKind as Kind};
use entities::inventory::{ProductId, WarehouseId};
use entities::{MinorUnits, Quantity, Timestamp};
use sea_orm::ActiveEnum;
use sha2::{Digest, Sha256};

/// What a caller says happened.
#[derive(Clone, Debug)]
pub struct RecordMovement {
    pub product: ProductId,
    pub warehouse: WarehouseId,
    pub kind: Kind,
    /// As people say it: 0 or more; signed for an adjustment; the counted quantity for a count.
    pub quantity: Quantity,
    pub ordered_quantity: Option<Quantity>,
    /// None: now.
    pub occurred_at: Option<Timestamp>,
    pub reference: Option<String>,
    pub reason: Option<String>,
    pub unit_cost: Option<MinorUnits>,
    pub idempotency_key: Option<String>,
}

/// How far ahead of ours a caller's clock may be.
const SKEW: TimeDelta = TimeDelta::minutes(5);
/// Nothing in a ledger is older than this: 1970-01-01.
const EARLIEST: Timestamp = Timestamp(0);

impl RecordMovement {
    /// Refuses what no state of the stock could make right.
    pub(crate) fn check(&self, now: Timestamp, locale: Locale) -> Result<()> {
        let mut refusals = Refusals::default();
        let mut refuse = |code, path: &str, key: &str| refusals.add(code, path, locale.say(key, &[]));
        let zero_line = self.kind == Kind::Sale && self.ordered_quantity.is_some_and(|ordered| ordered > Quantity::ZERO);
        match self.kind {
            Kind::Adjustment if self.quantity == Quantity::ZERO => refuse(Code::OutOfRange, "quantity", "quantity-zero"),
            Kind::Adjustment => {}
            _ if self.quantity < Quantity::ZERO => refuse(Code::OutOfRange, "quantity", "quantity-negative"),
            Kind::Count => {}
            _ if self.quantity == Quantity::ZERO && !zero_line => refuse(Code::OutOfRange, "quantity", "quantity-zero"),
            _ => {}
        }
        if self.quantity.0.abs() > Quantity::MAX.0 {
            refuse(Code::OutOfRange, "quantity", "quantity-invalid");
        }
        if let Some(ordered) = self.ordered_quantity {
            if self.kind != Kind::Sale {
                refuse(Code::Invalid, "orderedQuantity", "ordered-only-for-sales");
            } else if ordered < self.quantity || ordered > Quantity::MAX {
                refuse(Code::OutOfRange, "orderedQuantity", "ordered-below-delivered");
            }
        }
        if self.unit_cost.is_some_and(|cost| cost < MinorUnits::ZERO) {
            refuse(Code::OutOfRange, "unitCost", "amount-negative");
        }
        if self.occurred_at.is_some_and(|at| at > now.plus(SKEW)) {
            refuse(Code::OutOfRange, "occurredAt", "date-in-future");
        }
        if self.occurred_at.is_some_and(|at| at < EARLIEST) {
            refuse(Code::OutOfRange, "occurredAt", "date-too-old");
        }
        for (text, path, most) in
            [(&self.reference, "reference", 200), (&self.reason, "reason", 500), (&self.idempotency_key, "idempotencyKey", 200)]
        {
            if text.as_ref().is_some_and(|text| text.chars().count() > most || text.is_empty()) {
                refusals.add(Code::Invalid, path, locale.say("text-length", &[("most", most.to_string())]));
            }
        }
        refusals.check()
    }

    pub(super) fn occurred_at(&self, now: Timestamp) -> Timestamp {
        self.occurred_at.unwrap_or(now)
    }

    pub(super) fn dedup_key(&self) -> Option<String> {
        self.idempotency_key.as_ref().map(|key| format!("key:{key}"))
    }

    /// SHA-256 of all this says, and of where a transfer goes: a row does not tell what a count counted, nor where goods went.
    /// Without a key there is nothing to compare it with.
    pub(super) fn fingerprint(&self, to: Option<WarehouseId>) -> Option<Vec<u8>> {
        self.idempotency_key.as_ref()?;
        let numbers =
            [Some(self.quantity.0), self.ordered_quantity.map(|q| q.0), self.unit_cost.map(|c| c.0), self.occurred_at.map(|at| at.0)];
        let said = serde_json::json!([self.product, self.warehouse, to, self.kind.to_value(), numbers, self.reference, self.reason]);
        Some(Sha256::digest(said.to_string()).to_vec())
    }

    pub(super) fn reverse_of(old: &Model, reason: &str) -> Self {
        Self {
            product: old.product_id,
            warehouse: old.warehouse_id,
            kind: old.kind,
            quantity: -old.quantity,
            ordered_quantity: None,
            occurred_at: Some(old.occurred_at),
            reference: old.reference.clone(),
            reason: Some(reason.to_owned()),
            unit_cost: old.unit_cost,
            idempotency_key: None,
        }
    }
}

/// Something to know about a movement that was recorded all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// On hand is now below zero.
    NegativeStock(Quantity),
}

/// What of a product decides whether it may move.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProductFacts {
    pub archived_at: Option<Timestamp>,
    pub decimals: i32,
}

impl ProductFacts {
    /// Refuses a movement of what is out of use, or finer than its unit.
    pub(super) fn check(self, input: &RecordMovement, locale: Locale, refusals: &mut Refusals) {
        if self.archived_at.is_some() {
            refusals.add(Code::Archived, "productId", locale.say("product-archived", &[]));
        }
        for (quantity, path) in [(Some(input.quantity), "quantity"), (input.ordered_quantity, "orderedQuantity")] {
            if quantity.is_some_and(|quantity| !quantity::fits(quantity, self.decimals)) {
                refusals.add(Code::OutOfRange, path, quantity::too_fine(self.decimals, locale));
            }
        }
    }
}

/// What a movement does to a level.
#[derive(Debug)]
pub struct StockChange {
    /// Signed.
    pub quantity: Quantity,
    pub occurred_at: Timestamp,
    delivered: Quantity,
    ordered: Option<Quantity>,
    kind: Kind,
}

impl StockChange {
    /// Decides what a movement does, or refuses it. A count needs what was on hand at its instant.
    pub(super) fn new(
        product: ProductFacts,
        input: &RecordMovement,
        counted_from: Option<Quantity>,
        now: Timestamp,
        locale: Locale,
    ) -> Result<Self> {
        let mut refusals = Refusals::default();
        product.check(input, locale, &mut refusals);
        refusals.check()?;
        Ok(Self::of(input, counted_from, now))
    }

    /// What a movement does where nothing forbids it.
    pub(super) fn of(input: &RecordMovement, counted_from: Option<Quantity>, now: Timestamp) -> Self {
        let quantity = match counted_from {
            Some(there) => input.quantity - there,
            None => signed(input.kind, input.quantity),
        };
        let occurred_at = input.occurred_at(now);
        Self { quantity, occurred_at, delivered: input.quantity, ordered: input.ordered_quantity, kind: input.kind }
    }

    pub(super) fn row(&self, scope: &Scope, input: &RecordMovement) -> Model {
        Model {
            tenant_id: scope.tenant(),
            id: scope.new_id(),
            product_id: input.product,
            warehouse_id: input.warehouse,
            kind: input.kind,
            quantity: self.quantity,
            ordered_quantity: input.ordered_quantity,
            unit_cost: input.unit_cost,
            reason: input.reason.clone(),
            reference: input.reference.clone(),
            occurred_at: self.occurred_at,
            recorded_at: scope.now(),
            recorded_by: scope.membership(),
            reverses_id: None,
            counterpart_id: None,
            dedup_key: input.dedup_key(),
            fingerprint: input.fingerprint(None),
            import_id: None,
        }
    }

    /// The order line a sale stands for.
    pub(super) fn line(&self) -> Option<Line> {
        (self.kind == Kind::Sale).then(|| Line::of(self.delivered, self.ordered))
    }
}

/// What to know about a movement that changed stock by a signed quantity, and left this on hand.
pub(super) fn warnings(policy: NegativeStockPolicy, quantity: Quantity, on_hand: Quantity) -> Vec<Warning> {
    let below = policy == NegativeStockPolicy::Warn && on_hand < Quantity::ZERO && quantity < Quantity::ZERO;
    if below { vec![Warning::NegativeStock(on_hand)] } else { Vec::new() }
}

/// The sign stock sees.
pub(crate) fn signed(kind: Kind, quantity: Quantity) -> Quantity {
    match kind {
        Kind::Receipt | Kind::CustomerReturn | Kind::TransferIn | Kind::Adjustment | Kind::Count => quantity,
        Kind::Sale | Kind::SupplierReturn | Kind::WriteOff | Kind::TransferOut => -quantity,
    }
}

/// Whether a level may become what a signed change makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Fits,
    /// The policy forbids what it would become.
    Short,
    /// It would pass its bound.
    Beyond,
}

pub(super) fn fit(policy: NegativeStockPolicy, there: Quantity, quantity: Quantity) -> Fit {
    let after = there + quantity;
    if policy == NegativeStockPolicy::Forbid && quantity < Quantity::ZERO && after < Quantity::ZERO {
        return Fit::Short;
    }
    if after.0.abs() <= Quantity::MOST_ON_HAND.0 { Fit::Fits } else { Fit::Beyond }
}

/// The refusal of what would take stock below zero.
pub(super) fn insufficient(there: Quantity, locale: Locale) -> Error {
    let available = [("available", quantity::format(there))];
    Error::refuse(Code::InsufficientStock, "quantity", locale.say("stock-insufficient", &available))
}

/// The refusal of what would take a level beyond its bound.
pub(super) fn beyond(locale: Locale) -> Error {
    Error::refuse(Code::OutOfRange, "quantity", locale.say("stock-beyond-bound", &[]))
}

/// What a sale adds to its product's service day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub lines: i64,
    pub short_lines: i64,
    pub ordered: i64,
    pub delivered: i64,
}

impl Line {
    pub(crate) fn of(delivered: Quantity, ordered: Option<Quantity>) -> Self {
        let ordered = ordered.unwrap_or(delivered).max(delivered);
        Self { lines: 1, short_lines: (delivered < ordered).into(), ordered: ordered.0, delivered: delivered.0 }
    }
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            lines: self.lines + other.lines,
            short_lines: self.short_lines + other.short_lines,
            ordered: self.ordered + other.ordered,
            delivered: self.delivered + other.delivered,
        }
    }
    pub(super) fn undone(self) -> Self {
        Self { lines: -self.lines, short_lines: -self.short_lines, ordered: -self.ordered, delivered: -self.delivered }
    }
}

/// The line of a recorded sale.
pub(super) fn line_of(kind: Kind, quantity: Quantity, ordered: Option<Quantity>) -> Option<Line> {
    (kind == Kind::Sale).then(|| Line::of(-quantity, ordered))
}

/// The two movements of a transfer; the first carries the key.
pub(super) fn halves(input: &RecordTransfer) -> (RecordMovement, RecordMovement) {
    let half = |warehouse, kind, key: Option<String>| RecordMovement {
        product: input.product,
        warehouse,
        kind,
        quantity: input.quantity,
        ordered_quantity: None,
        occurred_at: input.occurred_at,
        reference: input.reference.clone(),
        reason: None,
        unit_cost: None,
        idempotency_key: key,
    };
    (half(input.from, Kind::TransferOut, input.idempotency_key.clone()), half(input.to, Kind::TransferIn, None))
}

/// The movement that undoes another, at the same instant.
pub(super) fn reverse_row(txn: &TenantTx<'_>, old: &Model, reason: &str) -> Model {
    Model {
        id: txn.new_id(),
        quantity: -old.quantity,
        ordered_quantity: None,
        reason: Some(reason.to_owned()),
        recorded_at: txn.now(),
        recorded_by: txn.membership(),
        reverses_id: Some(old.id),
        counterpart_id: None,
        dedup_key: None,
        fingerprint: None,
        import_id: None,
        ..old.clone()
    }
}
