use crate::ids::GlobalId;
use crate::inventory::movement::StockMovementKind;
use crate::scalars::{DateTime, Decimal};
use async_graphql::{ID, InputObject};
use entities::Quantity;
use services::inventory::movements::{MovementFilter, RecordMovement, RecordTransfer, TypedMovement, TypedTransfer};

/// Which movements a list shows; all conditions hold. A list has at most 100 entries.
#[derive(InputObject, Default)]
pub struct StockMovementFilter {
    /// Of one of these products.
    product_ids: Option<Vec<ID>>,
    /// In one of these warehouses.
    warehouse_ids: Option<Vec<ID>>,
    /// Of one of these kinds.
    kind: Option<Vec<StockMovementKind>>,
    /// Later than this.
    occurred_after: Option<DateTime>,
    /// Earlier than this.
    occurred_before: Option<DateTime>,
    /// With exactly this reference.
    reference: Option<String>,
    /// Recorded by this import, or by its undo.
    import_id: Option<ID>,
}

impl From<StockMovementFilter> for MovementFilter {
    fn from(filter: StockMovementFilter) -> Self {
        Self {
            products: filter.product_ids.map(|ids| GlobalId::of_globals(&ids)),
            warehouses: filter.warehouse_ids.map(|ids| GlobalId::of_globals(&ids)),
            kinds: filter.kind.map(|all| all.into_iter().map(Into::into).collect()),
            occurred_after: filter.occurred_after.map(|at| at.0),
            occurred_before: filter.occurred_before.map(|at| at.0),
            reference: filter.reference,
            import: filter.import_id.as_ref().map(GlobalId::of_global),
        }
    }
}

/// What happened to stock. Quantity: 0 or more (0 only for a SALE with orderedQuantity); COUNT: the counted quantity;
/// ADJUSTMENT: signed; TRANSFER_*: refused, see stockTransferRecord.
#[derive(InputObject)]
pub struct StockMovementRecordInput {
    /// What moved.
    product_id: ID,
    /// Where it moved.
    warehouse_id: ID,
    /// Why it moved.
    kind: StockMovementKind,
    /// How much, in the product's unit.
    quantity: Decimal,
    /// What was asked for, when a SALE delivers less; feeds the service level.
    ordered_quantity: Option<Decimal>,
    /// When it happened; now when absent, never in the future.
    occurred_at: Option<DateTime>,
    /// A ticket, invoice or order number.
    reference: Option<String>,
    /// In the recorder's words.
    reason: Option<String>,
    /// What one unit cost, in the organisation's currency.
    unit_cost: Option<Decimal>,
    /// The same key gives the same movement, once.
    idempotency_key: Option<String>,
}

impl From<StockMovementRecordInput> for TypedMovement {
    fn from(input: StockMovementRecordInput) -> Self {
        let said = RecordMovement {
            product: GlobalId::of_global(&input.product_id),
            warehouse: GlobalId::of_global(&input.warehouse_id),
            kind: input.kind.into(),
            quantity: Quantity::ZERO,
            ordered_quantity: None,
            occurred_at: input.occurred_at.map(|at| at.0),
            reference: input.reference,
            reason: input.reason,
            unit_cost: None,
            idempotency_key: input.idempotency_key,
        };
        let text = |number: Option<Decimal>| number.map(|number| number.0);
        let (ordered_quantity, unit_cost) = (text(input.ordered_quantity), text(input.unit_cost));
        Self { said, quantity: input.quantity.0, ordered_quantity, unit_cost }
    }
}

/// Goods that changed warehouse.
#[derive(InputObject)]
pub struct StockTransferRecordInput {
    /// What moved.
    product_id: ID,
    /// Where it left.
    from_warehouse_id: ID,
    /// Where it arrived.
    to_warehouse_id: ID,
    /// How much, in the product's unit.
    quantity: Decimal,
    /// When it happened; now when absent.
    occurred_at: Option<DateTime>,
    /// A delivery note number.
    reference: Option<String>,
    /// The same key gives the same transfer, once.
    idempotency_key: Option<String>,
}

impl From<StockTransferRecordInput> for TypedTransfer {
    fn from(input: StockTransferRecordInput) -> Self {
        let said = RecordTransfer {
            product: GlobalId::of_global(&input.product_id),
            from: GlobalId::of_global(&input.from_warehouse_id),
            to: GlobalId::of_global(&input.to_warehouse_id),
            quantity: Quantity::ZERO,
            occurred_at: input.occurred_at.map(|at| at.0),
            reference: input.reference,
            idempotency_key: input.idempotency_key,
        };
        Self { said, quantity: input.quantity.0 }
    }
}

/// The movement to undo.
#[derive(InputObject)]
pub struct StockMovementReverseInput {
    /// The movement; of a transfer, either half undoes both.
    pub id: ID,
    /// In the recorder's words.
    pub reason: String,
}
