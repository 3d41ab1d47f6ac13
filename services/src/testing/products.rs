//! Products and their movements in two lines.

use super::{Fixture, serial};
use crate::inventory::movements::RecordMovement;
use crate::inventory::products::{self, NewProduct};
use entities::Quantity;
use entities::inventory::{product, stock_movement::StockMovementKind, warehouse};

/// A product in the making: `fixture.product().reorder_point(3).on_hand(5).create().await`.
pub struct ProductBuilder<'a> {
    pub(super) fixture: &'a Fixture,
    pub(super) input: NewProduct,
    pub(super) on_hand: Option<i64>,
}

impl ProductBuilder<'_> {
    #[must_use]
    pub fn sku(mut self, sku: &str) -> Self {
        self.input.sku = sku.to_owned();
        self
    }
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut NewProduct)) -> Self {
        change(&mut self.input);
        self
    }
    #[must_use]
    pub fn reorder_point(mut self, units: i64) -> Self {
        self.input.reorder_point = Some(units.to_string());
        self
    }
    /// Received now, in whole units.
    #[must_use]
    pub fn on_hand(mut self, units: i64) -> Self {
        self.on_hand = Some(units);
        self
    }

    pub async fn create(mut self) -> product::Model {
        let serial = serial();
        if self.input.sku.is_empty() {
            self.input.sku = format!("SKU-{serial:05}");
        }
        if self.input.name.is_empty() {
            self.input.name = format!("Produit {}", self.input.sku);
        }
        let product = products::create(&self.fixture.again(), self.input).await.expect("the product is created");
        if let Some(units) = self.on_hand {
            self.fixture.record(&product, StockMovementKind::Receipt, units).await;
        }
        product
    }
}

/// A movement of whole units, now.
pub fn movement(product: &product::Model, warehouse: &warehouse::Model, kind: StockMovementKind, units: i64) -> RecordMovement {
    RecordMovement {
        product: product.id,
        warehouse: warehouse.id,
        kind,
        quantity: Quantity(units * 1000),
        ordered_quantity: None,
        occurred_at: None,
        reference: None,
        reason: None,
        unit_cost: None,
        idempotency_key: None,
    }
}
