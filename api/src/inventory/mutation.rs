use super::catalog::{Category, Supplier, Warehouse};
use super::inputs::{ProductCreateInput, ProductUpdateInput};
use super::movement::{StockMovement, StockMovementKind};
use super::product::Product;
use crate::context::Ask;
use crate::error::{Result, UserError, UserErrorCode};
use crate::ids::GlobalId;
use crate::payload::or_present;
use crate::scalars::{DateTime, Decimal};
use crate::schema::requires;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entities::Quantity;
use entities::inventory::{CategoryId, ProductId, StockMovementId};
use services::inventory::movements::{self, RecordMovement, RecordTransfer, Recorded, TypedMovement, TypedTransfer, Warning};
use services::inventory::{catalog, products, quantity};
use services::scope::retrying;
use services::{Error, Scope};

/// The product to archive.
#[derive(InputObject)]
pub struct ProductArchiveInput {
    /// The product.
    id: ID,
    /// Refuses the change when the product is at another version by now.
    expected_version: Option<i32>,
}

/// A new category.
#[derive(InputObject)]
pub struct CategoryCreateInput {
    /// Unique among its siblings.
    name: String,
    /// The heading it stands below; absent: at the top.
    parent_id: Option<ID>,
}

/// A new supplier.
#[derive(InputObject)]
pub struct SupplierCreateInput {
    /// Unique in the organisation.
    name: String,
    /// Days from order to delivery, as agreed.
    lead_time_days: Option<i32>,
    /// As given.
    phone: Option<String>,
    /// As given.
    email: Option<String>,
}

/// A new warehouse.
#[derive(InputObject)]
pub struct WarehouseCreateInput {
    /// Unique in the organisation.
    name: String,
    /// A short name, unique where given.
    code: Option<String>,
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

/// The movement to undo.
#[derive(InputObject)]
pub struct StockMovementReverseInput {
    /// The movement; of a transfer, either half undoes both.
    id: ID,
    /// In the recorder's words.
    reason: String,
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

payload! {
    ProductCreatePayload {
        /// The new product.
        product: Product
    },
    ProductUpdatePayload {
        /// The product as it is now, also after STALE_VERSION.
        product: Product
    },
    ProductArchivePayload {
        /// The product as it is now, also after STALE_VERSION.
        product: Product
    },
    CategoryCreatePayload {
        /// The new category.
        category: Category
    },
    SupplierCreatePayload {
        /// The new supplier.
        supplier: Supplier
    },
    WarehouseCreatePayload {
        /// The new warehouse.
        warehouse: Warehouse
    },
    StockMovementReversePayload {
        /// The movement that undoes the other.
        stock_movement: StockMovement
    },
}

/// What came of `stockMovementRecord`.
#[derive(SimpleObject, Default)]
pub struct StockMovementRecordPayload {
    /// The movement.
    stock_movement: Option<StockMovement>,
    /// What should be known about it although it was recorded, such as stock now below zero.
    warnings: Vec<UserError>,
    /// Every rule that refused the input; empty when all went well.
    user_errors: Vec<UserError>,
}

/// What came of `stockTransferRecord`.
#[derive(SimpleObject, Default)]
pub struct StockTransferRecordPayload {
    /// The movement out of the first warehouse.
    out: Option<StockMovement>,
    /// The movement into the second.
    r#in: Option<StockMovement>,
    /// Every rule that refused the input; empty when all went well.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct InventoryMutation;

#[Object]
impl InventoryMutation {
    /// Adds a product.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_WRITE".into()))]
    async fn product_create(&self, ctx: &Context<'_>, input: ProductCreateInput) -> Result<Option<ProductCreatePayload>> {
        let (scope, input) = (ctx.scope()?, input.into());
        let made = retrying(|| products::create(scope, Clone::clone(&input))).await;
        Ok(Some(ProductCreatePayload::of(made.map(Product::alone))?))
    }

    /// Changes a product. Absent = untouched, null = cleared.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_WRITE".into()))]
    async fn product_update(&self, ctx: &Context<'_>, input: ProductUpdateInput) -> Result<Option<ProductUpdatePayload>> {
        let (scope, id) = (ctx.scope()?, ProductId::of_global(&input.id));
        let change: products::ProductChange = input.into();
        let changed = retrying(|| products::update(scope, id, change.clone())).await;
        or_present(changed.map(Product::alone), present(scope, id)).await
    }

    /// Takes a product out of use; its stock and history stay.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_WRITE".into()))]
    async fn product_archive(&self, ctx: &Context<'_>, input: ProductArchiveInput) -> Result<Option<ProductArchivePayload>> {
        let (scope, id) = (ctx.scope()?, ProductId::of_global(&input.id));
        let archived = retrying(|| products::archive(scope, id, input.expected_version.map(Into::into))).await;
        or_present(archived.map(Product::alone), present(scope, id)).await
    }

    /// Adds a category.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_WRITE".into()))]
    async fn category_create(&self, ctx: &Context<'_>, input: CategoryCreateInput) -> Result<Option<CategoryCreatePayload>> {
        let parent = input.parent_id.as_ref().map(CategoryId::of_global);
        let scope = ctx.scope()?;
        let made = retrying(|| catalog::create_category(scope, &input.name, parent)).await;
        Ok(Some(CategoryCreatePayload::of(made.map(Category::alone))?))
    }

    /// Adds a supplier.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_WRITE".into()))]
    async fn supplier_create(&self, ctx: &Context<'_>, input: SupplierCreateInput) -> Result<Option<SupplierCreatePayload>> {
        let new = catalog::NewSupplier { name: input.name, lead_time_days: input.lead_time_days, phone: input.phone, email: input.email };
        let scope = ctx.scope()?;
        let made = retrying(|| catalog::create_supplier(scope, new.clone())).await;
        Ok(Some(SupplierCreatePayload::of(made.map(Into::into))?))
    }

    /// Adds a warehouse.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_WRITE".into()))]
    async fn warehouse_create(&self, ctx: &Context<'_>, input: WarehouseCreateInput) -> Result<Option<WarehouseCreatePayload>> {
        let scope = ctx.scope()?;
        let made = retrying(|| catalog::create_warehouse(scope, &input.name, input.code.as_deref())).await;
        Ok(Some(WarehouseCreatePayload::of(made.map(Into::into))?))
    }

    /// Records one movement of stock.
    #[graphql(directive = requires::apply("INVENTORY_STOCK_MOVEMENT_RECORD".into()))]
    async fn stock_movement_record(
        &self,
        ctx: &Context<'_>,
        input: StockMovementRecordInput,
    ) -> Result<Option<StockMovementRecordPayload>> {
        let scope = ctx.scope()?;
        let input = movement(input);
        let recorded = retrying(|| movements::record_typed(scope, input.clone())).await;
        Ok(Some(match recorded {
            Ok(Recorded { movement, on_hand_after, warnings }) => StockMovementRecordPayload {
                stock_movement: Some(StockMovement::recorded(movement, on_hand_after)),
                warnings: warnings.into_iter().map(|warning| warn(scope, warning)).collect(),
                user_errors: Vec::new(),
            },
            Err(error) => StockMovementRecordPayload { user_errors: refusals(error)?, ..Default::default() },
        }))
    }

    /// Undoes a movement: the undo of an append-only ledger.
    #[graphql(directive = requires::apply("INVENTORY_STOCK_MOVEMENT_REVERSE".into()))]
    async fn stock_movement_reverse(
        &self,
        ctx: &Context<'_>,
        input: StockMovementReverseInput,
    ) -> Result<Option<StockMovementReversePayload>> {
        let (scope, id) = (ctx.scope()?, StockMovementId::of_global(&input.id));
        let reversed = retrying(|| movements::reverse(scope, id, &input.reason)).await;
        Ok(Some(StockMovementReversePayload::of(reversed.map(StockMovement::alone))?))
    }

    /// Moves stock between warehouses: TRANSFER_OUT and TRANSFER_IN in one transaction.
    #[graphql(directive = requires::apply("INVENTORY_STOCK_MOVEMENT_RECORD".into()))]
    async fn stock_transfer_record(
        &self,
        ctx: &Context<'_>,
        input: StockTransferRecordInput,
    ) -> Result<Option<StockTransferRecordPayload>> {
        let scope = ctx.scope()?;
        let input = transfer(input);
        let transferred = retrying(|| movements::transfer_typed(scope, input.clone())).await;
        Ok(Some(match transferred {
            Ok((out, into)) => StockTransferRecordPayload {
                out: Some(StockMovement::alone(out)),
                r#in: Some(StockMovement::alone(into)),
                user_errors: Vec::new(),
            },
            Err(error) => StockTransferRecordPayload { user_errors: refusals(error)?, ..Default::default() },
        }))
    }
}

async fn present(scope: &Scope, id: ProductId) -> services::Result<Option<Product>> {
    Ok(products::find(scope, id).await?.map(Product::alone))
}

fn refusals(error: Error) -> Result<Vec<UserError>> {
    match error {
        Error::Refused(refusals) => Ok(refusals.into_iter().map(Into::into).collect()),
        error => Err(error.into()),
    }
}

fn warn(scope: &Scope, warning: Warning) -> UserError {
    match warning {
        Warning::NegativeStock(on_hand) => UserError {
            message: scope.locale().say("stock-negative", &[("available", quantity::format(on_hand))]),
            code: UserErrorCode::InsufficientStock,
            path: Some(vec!["quantity".into()]),
        },
    }
}

fn movement(input: StockMovementRecordInput) -> TypedMovement {
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
    TypedMovement { said, quantity: input.quantity.0, ordered_quantity, unit_cost }
}

fn transfer(input: StockTransferRecordInput) -> TypedTransfer {
    let said = RecordTransfer {
        product: GlobalId::of_global(&input.product_id),
        from: GlobalId::of_global(&input.from_warehouse_id),
        to: GlobalId::of_global(&input.to_warehouse_id),
        quantity: Quantity::ZERO,
        occurred_at: input.occurred_at.map(|at| at.0),
        reference: input.reference,
        idempotency_key: input.idempotency_key,
    };
    TypedTransfer { said, quantity: input.quantity.0 }
}
