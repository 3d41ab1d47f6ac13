use super::catalog::{Category, Supplier, Unit};
use super::movement::{LevelPage, StockLevel, StockLevelConnection, StockMovement, StockMovementConnection};
use crate::alerts::types::{StockAlert, StockAlertConnection};
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::page::args;
use crate::scalars::{DateTime, Decimal, Money};
use crate::shared::Shared;
use crate::together::{FirstPages, Together};
use async_graphql::{Context, Enum, ID, Object};
use entities::inventory::{CategoryId, ProductId, SupplierId, UnitId, product, stock_level};
use entities::{MinorUnits, Quantity};
use services::Scope;
use services::alerts::{self, read::AlertFilter};
use services::identity::organizations;
use services::inventory::movements::MovementFilter;
use services::inventory::references::{self, References};
use services::inventory::{movements, products, quantity, stock};
use services::page::{Page, PageArgs};
use std::collections::HashMap;
use std::sync::Arc;

/// Something the organisation stocks.
#[derive(Clone)]
pub struct Product {
    pub row: product::Model,
    page: Arc<ProductPage>,
}

/// What the products of one page point at.
pub struct ProductPage {
    references: References,
    referred: Together<(), Arc<Referred>>,
    levels: Together<ProductId, Arc<Vec<stock_level::Model>>>,
    sold: Together<ProductId, i64>,
    level_pages: Together<(), Arc<LevelPage>>,
    movements: FirstPages<ProductId, StockMovement>,
    alerts: FirstPages<ProductId, StockAlert>,
    alerts_cursor: Together<(), i64>,
}

/// The rows that products refer to.
struct Referred {
    categories: HashMap<CategoryId, Category>,
    suppliers: HashMap<SupplierId, Shared<Supplier>>,
    units: HashMap<UnitId, Shared<Unit>>,
}

impl Referred {
    fn of(rows: references::Referred) -> Self {
        let suppliers = rows.suppliers.into_iter().map(|(id, row)| (id, Supplier::from(row).into())).collect();
        let units = rows.units.into_iter().map(|(id, row)| (id, Unit::from(row).into())).collect();
        Self { categories: Category::all(rows.categories), suppliers, units }
    }
}

const COVER_DAYS: i32 = 30;

impl ProductPage {
    fn of<'a>(rows: impl Iterator<Item = &'a product::Model> + Clone) -> Arc<Self> {
        let ids = || rows.clone().map(|row| row.id);
        Arc::new(Self {
            references: References::of(rows.clone()),
            referred: Together::new([()]),
            levels: Together::new(ids()),
            sold: Together::new(ids()),
            level_pages: Together::new([()]),
            movements: FirstPages::new(ids()),
            alerts: FirstPages::new(ids()),
            alerts_cursor: Together::new([()]),
        })
    }

    /// The categories, suppliers and units of all products of the page.
    async fn referred(&self, scope: &Scope) -> services::Result<Arc<Referred>> {
        let read = async |_: &[()]| Ok([((), Arc::new(Referred::of(self.references.read(scope).await?)))].into());
        self.referred.must_get((), read).await
    }

    async fn levels(&self, scope: &Scope, product: ProductId) -> services::Result<Arc<Vec<stock_level::Model>>> {
        let load = async |ids| Ok(stock::levels_of(scope, ids).await?.into_iter().map(|(id, levels)| (id, Arc::new(levels))).collect());
        Ok(self.levels.get(product, load).await?.unwrap_or_default())
    }

    /// What the levels of all products of the page point at, loaded together, too.
    async fn level_page(&self, scope: &Scope) -> services::Result<Arc<LevelPage>> {
        let of_all = async |_: &[()]| {
            let mut all = Vec::new();
            for id in self.levels.keys() {
                all.push(self.levels(scope, *id).await?);
            }
            Ok([((), LevelPage::of(all.iter().flat_map(|levels| levels.iter())))].into())
        };
        self.level_pages.must_get((), of_all).await
    }
}

impl Product {
    /// A product that is not one of a page.
    pub fn alone(row: product::Model) -> Self {
        let page = ProductPage::of(std::iter::once(&row));
        Self { row, page }
    }

    /// Products that load what they point at together.
    pub fn all(rows: Vec<product::Model>) -> Vec<Self> {
        let page = ProductPage::of(rows.iter());
        rows.into_iter().map(|row| Self { row, page: page.clone() }).collect()
    }

    /// The products with these ids, for a page of what points at them.
    pub async fn by_ids(scope: &Scope, ids: &[ProductId]) -> services::Result<HashMap<ProductId, Self>> {
        let rows = products::by_ids(scope, ids).await?.into_values().collect();
        Ok(Self::all(rows).into_iter().map(|product| (product.row.id, product)).collect())
    }

    pub fn page(page: Page<product::Model>) -> Page<Self> {
        let together = ProductPage::of(page.items().collect::<Vec<_>>().into_iter());
        page.map(|row| Self { row, page: together.clone() })
    }

    async fn levels(&self, scope: &Scope) -> services::Result<Arc<Vec<stock_level::Model>>> {
        self.page.levels(scope, self.row.id).await
    }

    async fn totals(&self, scope: &Scope) -> services::Result<stock::Totals> {
        Ok(stock::totals(&self.levels(scope).await?))
    }

    async fn movement_page(&self, scope: &Scope, args: &PageArgs) -> services::Result<Page<StockMovement>> {
        if args.is_first() {
            let firsts = async |ids: Vec<ProductId>| Ok(StockMovement::pages(movements::first_pages(scope, &ids, args).await?));
            return self.page.movements.get(self.row.id, args, firsts).await;
        }
        let filter = MovementFilter { products: Some(vec![self.row.id]), ..MovementFilter::default() };
        Ok(StockMovement::page(movements::page(scope, &filter, args).await?))
    }

    async fn alert_page(&self, scope: &Scope, args: &PageArgs) -> services::Result<Page<StockAlert>> {
        if args.is_first() {
            let firsts = async |ids: Vec<ProductId>| Ok(StockAlert::pages(alerts::read::first_pages(scope, &ids, args).await?));
            return self.page.alerts.get(self.row.id, args, firsts).await;
        }
        let filter = AlertFilter { products: Some(vec![self.row.id]), ..AlertFilter::default() };
        Ok(StockAlert::page(alerts::read::page(scope, &filter, &[], args).await?))
    }

    async fn money(&self, scope: &Scope, amount: Option<MinorUnits>) -> Result<Option<Money>> {
        let Some(amount) = amount else { return Ok(None) };
        Ok(Some(Money::new(amount, &Box::pin(organizations::facts(scope)).await?.currency)))
    }
}

/// Something the organisation stocks.
#[Object(crate = "crate::in_place::gql")]
impl Product {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.row.id.to_global()
    }
    /// Rises with every change; send it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.row.version
    }
    /// The stock keeping unit: unique in the organisation.
    async fn sku(&self) -> &str {
        &self.row.sku
    }
    /// For people.
    async fn name(&self) -> &str {
        &self.row.name
    }
    /// As long as need be.
    async fn description(&self) -> Option<&str> {
        self.row.description.as_deref()
    }
    /// As printed on the product.
    async fn barcode(&self) -> Option<&str> {
        self.row.barcode.as_deref()
    }
    /// The heading it is sorted under.
    async fn category(&self, ctx: &Context<'_>) -> Result<Option<Category>> {
        let Some(id) = self.row.category_id else { return Ok(None) };
        Ok(self.page.referred(ctx.scope()?).await?.categories.get(&id).cloned())
    }
    /// The firm it is usually bought from.
    async fn supplier(&self, ctx: &Context<'_>) -> Result<Option<Shared<Supplier>>> {
        let Some(id) = self.row.supplier_id else { return Ok(None) };
        Ok(self.page.referred(ctx.scope()?).await?.suppliers.get(&id).cloned())
    }
    /// What it is counted in.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Shared<Unit>> {
        let referred = self.page.referred(ctx.scope()?).await?;
        Ok(referred.units.get(&self.row.unit_id).cloned().ok_or_else(|| services::Error::internal("a product without its unit"))?)
    }
    /// What one unit costs to buy.
    async fn cost_price(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        self.money(ctx.scope()?, self.row.cost_price).await
    }
    /// What one unit sells for.
    async fn sale_price(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        self.money(ctx.scope()?, self.row.sale_price).await
    }
    /// Stock is low when what is available is at or below this.
    async fn reorder_point(&self) -> Option<Decimal> {
        self.row.reorder_point.map(Into::into)
    }
    /// Kept against surprises.
    async fn safety_stock(&self) -> Option<Decimal> {
        self.row.safety_stock.map(Into::into)
    }
    /// Days from order to delivery.
    async fn lead_time_days(&self) -> Option<i32> {
        self.row.lead_time_days
    }
    /// Physically there, over all warehouses.
    async fn on_hand(&self, ctx: &Context<'_>) -> Result<Decimal> {
        Ok(self.totals(ctx.scope()?).await?.on_hand.into())
    }
    /// Promised, over all warehouses.
    async fn reserved(&self, ctx: &Context<'_>) -> Result<Decimal> {
        Ok(self.totals(ctx.scope()?).await?.reserved.into())
    }
    /// On hand less reserved, over all warehouses.
    async fn available(&self, ctx: &Context<'_>) -> Result<Decimal> {
        Ok(self.totals(ctx.scope()?).await?.available().into())
    }
    /// How the stock stands, by what is available and the reorder point.
    async fn stock_status(&self, ctx: &Context<'_>) -> Result<StockStatus> {
        let totals = self.totals(ctx.scope()?).await?;
        Ok(products::StockStatus::of(totals.known_available(), self.row.reorder_point).into())
    }
    /// What is on hand, at cost; null without a cost price.
    async fn stock_value(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        let Some(price) = self.row.cost_price else { return Ok(None) };
        let on_hand = self.totals(ctx.scope()?).await?.on_hand;
        self.money(ctx.scope()?, Some(quantity::value(on_hand, price))).await
    }
    /// How many days what is available lasts at the pace of the last 30; null when nothing was sold.
    async fn days_of_cover(&self, ctx: &Context<'_>) -> Result<Option<Decimal>> {
        let scope = ctx.scope()?;
        let sold = self.page.sold.get(self.row.id, |ids| stock::sold_in_days(scope, ids, COVER_DAYS)).await?;
        let Some(sold) = sold else { return Ok(None) };
        let available = self.totals(scope).await?.available().max(Quantity::ZERO);
        let days = i128::from(available.0) * i128::from(COVER_DAYS) * 10 / i128::from(sold);
        Ok(Some(Quantity(i64::try_from(days * 100).unwrap_or(i64::MAX)).into()))
    }
    /// Its stock in each warehouse that ever held it.
    async fn stock_levels(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<StockLevelConnection>> {
        let (scope, args) = (ctx.scope()?, args(ctx, first, after, last, before));
        let (levels, together) = (self.levels(scope).await?, self.page.level_page(scope).await?);
        let levels = Page::of_all(levels.to_vec(), &args, |level| level.id.0)?;
        Ok(Some(StockLevelConnection::new(levels.map(|row| StockLevel::new(row, together.clone())))))
    }
    /// Its ledger, the latest first.
    async fn stock_movements(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<StockMovementConnection>> {
        let (scope, args) = (ctx.scope()?, args(ctx, first, after, last, before));
        // On the heap, as in `Together`: else each field of each product would be as big as these.
        Ok(Some(StockMovementConnection::new(Box::pin(self.movement_page(scope, &args)).await?)))
    }
    /// Its alerts, present and past, the latest first.
    async fn stock_alerts(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<StockAlertConnection>> {
        let (scope, args) = (ctx.scope()?, args(ctx, first, after, last, before));
        let page = Box::pin(self.alert_page(scope, &args)).await?;
        let now = async |_: &[()]| Ok([((), alerts::read::stream_cursor(scope).await?)].into());
        let cursor = self.page.alerts_cursor.must_get((), now).await?.to_string();
        Ok(Some(StockAlertConnection::new(page, cursor)))
    }
    /// When it was taken out of use.
    async fn archived_at(&self) -> Option<DateTime> {
        self.row.archived_at.map(Into::into)
    }
    /// When it was entered.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
    /// When it was last changed; movements of stock do not count.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

connection!(Product, ProductConnection, ProductEdge, "products");

/// How a product's stock stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "products::StockStatus")]
pub enum StockStatus {
    /// More is available than the reorder point.
    InStock,
    /// At or below the reorder point.
    LowStock,
    /// Nothing is available.
    StockOut,
    /// No movement was ever recorded.
    NoMovement,
}
