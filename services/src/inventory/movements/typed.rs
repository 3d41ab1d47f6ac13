//! Movements as people type them: what cannot be read is refused together with all that can be.

use super::{RecordMovement, RecordTransfer, Recorded, Transferred, record_unless, transfer_unless};
use crate::identity::{Permission, organizations};
use crate::inventory::{money, quantity};
use crate::{Code, Refusals, Result, Scope};
use entities::inventory::stock_movement::StockMovementKind;
use entities::{MinorUnits, Quantity};

/// A movement whose numbers are still text; what they stand for in `said` says nothing.
#[derive(Clone, Debug)]
pub struct TypedMovement {
    pub said: RecordMovement,
    pub quantity: String,
    pub ordered_quantity: Option<String>,
    pub unit_cost: Option<String>,
}

/// A transfer whose quantity is still text.
#[derive(Clone, Debug)]
pub struct TypedTransfer {
    pub said: RecordTransfer,
    pub quantity: String,
}

/// Records one movement of stock, or says all that stands against it.
pub async fn record_typed(scope: &Scope, input: TypedMovement) -> Result<Recorded> {
    scope.require(Permission::InventoryStockMovementRecord)?;
    let mut refusals = Refusals::default();
    let mut said = input.said;
    if matches!(said.kind, StockMovementKind::TransferOut | StockMovementKind::TransferIn) {
        refusals.add(Code::Invalid, "kind", scope.locale().say("kind-is-transfer", &[]));
    }
    said.unit_cost = match &input.unit_cost {
        Some(text) => cost(scope, text, &mut refusals).await?,
        None => None,
    };
    said.quantity = amount(scope, &input.quantity, "quantity", &mut refusals).unwrap_or_default();
    // What was ordered and cannot be read was something: a sale of nothing may still be right.
    let unread = Quantity::MAX;
    said.ordered_quantity =
        input.ordered_quantity.as_ref().map(|text| amount(scope, text, "orderedQuantity", &mut refusals).unwrap_or(unread));
    record_unless(scope, said, refusals).await
}

/// Moves stock between two warehouses, or says all that stands against it.
pub async fn transfer_typed(scope: &Scope, input: TypedTransfer) -> Result<Transferred> {
    scope.require(Permission::InventoryStockMovementRecord)?;
    let mut refusals = Refusals::default();
    let quantity = amount(scope, &input.quantity, "quantity", &mut refusals).unwrap_or_default();
    transfer_unless(scope, RecordTransfer { quantity, ..input.said }, refusals).await
}

async fn cost(scope: &Scope, text: &str, refusals: &mut Refusals) -> Result<Option<MinorUnits>> {
    let currency = organizations::facts(scope).await?.currency.clone();
    let cost = money::parse(text, &currency);
    if cost.is_none() {
        refusals.add(Code::OutOfRange, "unitCost", scope.locale().say("amount-invalid", &[("currency", currency)]));
    }
    Ok(cost)
}

fn amount(scope: &Scope, text: &str, path: &str, refusals: &mut Refusals) -> Option<Quantity> {
    let quantity = quantity::parse(text);
    if quantity.is_none() {
        refusals.add(Code::OutOfRange, path, scope.locale().say("quantity-invalid", &[]));
    }
    quantity
}
