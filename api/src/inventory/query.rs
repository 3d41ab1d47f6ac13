use super::catalog::{CategoryConnection, SupplierConnection, UnitConnection, Warehouse, WarehouseConnection};
use super::inputs::{ProductFilter, ProductSort, StockLevelFilter, StockLevelSort, StockMovementFilter};
use super::movement::{StockLevel, StockLevelConnection, StockMovement, StockMovementConnection};
use super::product::{Product, ProductConnection};
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::page::args;
use crate::scalars::{Decimal, Money};
use crate::schema::requires;
use async_graphql::{ComplexObject, Context, Enum, ID, Object, SimpleObject};
use entities::Quantity;
use entities::inventory::{ProductId, WarehouseId, warehouse};
use services::Error;
use services::identity::Permission;
use services::inventory::{catalog, dashboard, money, movements, products, stock};

#[derive(Default)]
pub struct InventoryQuery;

#[Object]
impl InventoryQuery {
    /// A product by its id; null when there is none.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_READ".into()))]
    async fn product(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Product>> {
        Ok(products::find(ctx.scope()?, ProductId::of_global(&id)).await?.map(Product::alone))
    }

    /// A product by its stock keeping unit; null when there is none.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_READ".into()))]
    async fn product_by_sku(&self, ctx: &Context<'_>, sku: String) -> Result<Option<Product>> {
        Ok(products::find_by_sku(ctx.scope()?, &sku).await?.map(Product::alone))
    }

    /// Products, by name when no order is given.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_READ".into()))]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a field of the contract")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<ProductFilter>,
        order_by: Option<Vec<ProductSort>>,
    ) -> Result<Option<ProductConnection>> {
        let (filter, order) = (filter.unwrap_or_default().into(), ProductSort::order(order_by));
        let page = products::page(ctx.scope()?, &filter, &order, &args(ctx, first, after, last, before)).await?;
        Ok(Some(ProductConnection::new(Product::page(page))))
    }

    /// Categories, by name, in which case and accents do not count.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_READ".into()))]
    async fn categories(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<CategoryConnection>> {
        let page = catalog::categories(ctx.scope()?, &args(ctx, first, after, last, before)).await?;
        Ok(Some(CategoryConnection::new(super::catalog::Category::page(page))))
    }

    /// Suppliers, by name, in which case and accents do not count.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_READ".into()))]
    async fn suppliers(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<SupplierConnection>> {
        let page = catalog::suppliers(ctx.scope()?, &args(ctx, first, after, last, before)).await?;
        Ok(Some(SupplierConnection::new(page.map(Into::into))))
    }

    /// Units of measure, by code.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_READ".into()))]
    async fn units(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<UnitConnection>> {
        let page = catalog::units(ctx.scope()?, &args(ctx, first, after, last, before)).await?;
        Ok(Some(UnitConnection::new(page.map(Into::into))))
    }

    /// A warehouse by its id; null when there is none.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_READ".into()))]
    async fn warehouse(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Warehouse>> {
        let found = catalog::find::<warehouse::Entity>(ctx.scope()?, WarehouseId::of_global(&id)).await?;
        Ok(found.map(Into::into))
    }

    /// Warehouses, by name, in which case and accents do not count.
    #[graphql(directive = requires::apply("INVENTORY_PRODUCT_READ".into()))]
    async fn warehouses(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<WarehouseConnection>> {
        let page = catalog::warehouses(ctx.scope()?, &args(ctx, first, after, last, before)).await?;
        Ok(Some(WarehouseConnection::new(page.map(Into::into))))
    }

    /// Stock levels, one a product and warehouse.
    #[graphql(directive = requires::apply("INVENTORY_STOCK_READ".into()))]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a field of the contract")]
    async fn stock_levels(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<StockLevelFilter>,
        order_by: Option<Vec<StockLevelSort>>,
    ) -> Result<Option<StockLevelConnection>> {
        let (filter, order) = (filter.unwrap_or_default().into(), StockLevelSort::order(order_by));
        let page = stock::page(ctx.scope()?, &filter, &order, &args(ctx, first, after, last, before)).await?;
        Ok(Some(StockLevelConnection::new(StockLevel::page(page))))
    }

    /// The ledger of movements, the latest first.
    #[graphql(directive = requires::apply("INVENTORY_STOCK_MOVEMENT_READ".into()))]
    async fn stock_movements(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        filter: Option<StockMovementFilter>,
    ) -> Result<Option<StockMovementConnection>> {
        let filter = filter.unwrap_or_default().into();
        let page = movements::page(ctx.scope()?, &filter, &args(ctx, first, after, last, before)).await?;
        Ok(Some(StockMovementConnection::new(StockMovement::page(page))))
    }

    /// The figures of the first screen.
    #[graphql(directive = requires::apply("INVENTORY_STOCK_READ".into()))]
    async fn inventory_dashboard(&self, ctx: &Context<'_>) -> Result<Option<InventoryDashboard>> {
        Ok(Some(dashboard::get(ctx.scope()?).await?.into()))
    }
}

/// What the organisation's stock looks like now.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct InventoryDashboard {
    /// Products in use.
    pub product_count: i32,
    #[graphql(skip)]
    value: Money,
    /// Products of which nothing is available.
    pub stock_out_count: i32,
    /// Products at or below their reorder point.
    pub low_stock_count: i32,
    /// Alerts that have fired and are not resolved, the muted ones included.
    pub open_alert_count: i32,
    /// How well orders were served in the last 30 days.
    pub service_level: ServiceLevel,
    #[graphql(skip)]
    movements: Option<i64>,
    /// Units sold in the last 30 days, whatever their unit.
    pub units_sold_last30_days: Decimal,
}

impl From<dashboard::Dashboard> for InventoryDashboard {
    fn from(figures: dashboard::Dashboard) -> Self {
        Self {
            product_count: int(figures.product_count),
            value: Money::new(figures.on_hand_value, &figures.currency),
            stock_out_count: int(figures.stock_out_count),
            low_stock_count: int(figures.low_stock_count),
            open_alert_count: int(figures.open_alert_count),
            service_level: figures.service_level.into(),
            movements: figures.movements_last_30_days,
            units_sold_last30_days: figures.units_sold_last_30_days.into(),
        }
    }
}

fn int(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

#[ComplexObject]
impl InventoryDashboard {
    /// What is on hand, at cost; products without a cost price count for nothing.
    #[graphql(directive = requires::apply("INVENTORY_COST_READ".into()))]
    async fn on_hand_value(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        Ok(Some(money::cost(ctx.scope()?, self.value.clone())?))
    }
    /// Movements that happened in the last 30 days, of those one may see.
    #[graphql(directive = requires::apply("INVENTORY_STOCK_MOVEMENT_READ".into()))]
    async fn movements_last30_days(&self) -> Result<i32> {
        let count = self.movements.ok_or(Error::Forbidden(Permission::InventoryStockMovementRead.code()))?;
        Ok(int(count))
    }
}

/// A service level, by which definition, and what it is made of. Ratio is null, never 0 or 1, without data.
#[derive(SimpleObject)]
pub struct ServiceLevel {
    /// Which of the usual definitions.
    pub definition: ServiceLevelDefinition,
    /// What was served.
    pub numerator: Decimal,
    /// What was asked for.
    pub denominator: Decimal,
    /// Numerator over denominator, with four decimals; null without data.
    pub ratio: Option<Decimal>,
    /// Over how many local days, today included.
    pub window_days: i32,
}

impl From<dashboard::ServiceLevel> for ServiceLevel {
    fn from(level: dashboard::ServiceLevel) -> Self {
        Self {
            definition: ServiceLevelDefinition::LineFillRate,
            numerator: Quantity(level.full_lines.saturating_mul(1000)).into(),
            denominator: Quantity(level.lines.saturating_mul(1000)).into(),
            ratio: level.ratio().map(Decimal),
            window_days: level.window_days,
        }
    }
}

/// What a service level counts.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ServiceLevelDefinition {
    /// Order lines delivered complete.
    LineFillRate,
    /// Units delivered of units ordered.
    UnitFillRate,
    /// Orders delivered complete.
    OrderFillRate,
    /// Orders delivered complete and on time.
    OnTimeInFull,
    /// Replenishment cycles without a stock-out.
    Cycle,
    /// Days with stock at opening.
    Availability,
}
