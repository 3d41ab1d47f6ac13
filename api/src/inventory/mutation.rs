use super::catalog::Category;
use super::inputs::{
    CategoryCreateInput, ProductArchiveInput, ProductCreateInput, ProductUnarchiveInput, ProductUpdateInput, StockMovementRecordInput,
    StockMovementReverseInput, StockTransferRecordInput, SupplierCreateInput, WarehouseCreateInput,
};
use super::movement::StockMovement;
use super::payloads::{
    CategoryCreatePayload, ProductArchivePayload, ProductCreatePayload, ProductUnarchivePayload, ProductUpdatePayload,
    StockMovementRecordPayload, StockMovementReversePayload, StockTransferRecordPayload, SupplierCreatePayload, WarehouseCreatePayload,
};
use super::product::Product;
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::payload::or_present;
use crate::schema::requires;
use async_graphql::{Context, Object};
use entities::inventory::{CategoryId, ProductId, StockMovementId};
use services::Scope;
use services::inventory::movements::{self, TypedMovement, TypedTransfer};
use services::inventory::{catalog, products};
use services::scope::retrying;

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

    /// Brings an archived product back into use; one in use stays as it is.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_WRITE".into()))]
    async fn product_unarchive(&self, ctx: &Context<'_>, input: ProductUnarchiveInput) -> Result<Option<ProductUnarchivePayload>> {
        let (scope, id) = (ctx.scope()?, ProductId::of_global(&input.id));
        let back = retrying(|| products::unarchive(scope, id, input.expected_version.map(Into::into))).await;
        or_present(back.map(Product::alone), present(scope, id)).await
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
        let input: TypedMovement = input.into();
        let recorded = retrying(|| movements::record_typed(scope, input.clone())).await;
        Ok(Some(StockMovementRecordPayload::of(scope, recorded)?))
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
        let input: TypedTransfer = input.into();
        let transferred = retrying(|| movements::transfer_typed(scope, input.clone())).await;
        Ok(Some(StockTransferRecordPayload::of(scope, transferred)?))
    }
}

async fn present(scope: &Scope, id: ProductId) -> services::Result<Option<Product>> {
    Ok(products::find(scope, id).await?.map(Product::alone))
}
