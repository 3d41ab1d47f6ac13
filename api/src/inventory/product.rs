use super::catalog::{Category, Supplier, Unit};
use super::movement::{StockLevel, StockLevelConnection, StockMovementConnection};
use super::product_page::ProductPage;
use crate::alerts::types::StockAlertConnection;
use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::page::args;
use crate::scalars::{DateTime, Decimal, Money};
use crate::shared::Shared;
use async_graphql::{Context, Enum, ID, Object};
use entities::MinorUnits;
use entities::inventory::{ProductId, product};
use services::Scope;
use services::alerts;
use services::identity::organizations;
use services::inventory::{money, products, quantity, stock};
use services::page::Page;
use std::collections::HashMap;
use std::sync::Arc;

/// Something the organisation stocks.
#[derive(Clone)]
pub struct Product {
    pub row: product::Model,
    page: Arc<ProductPage>,
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

    async fn totals(&self, scope: &Scope) -> services::Result<stock::Totals> {
        Ok(stock::totals(&self.page.levels(scope, self.row.id).await?))
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
    #[graphql(directive = crate::schema::requires::apply("INVENTORY_COST_READ".into()))]
    async fn cost_price(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        let scope = ctx.scope()?;
        self.money(scope, money::cost(scope, self.row.cost_price)?).await
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
    #[graphql(directive = crate::schema::requires::apply("INVENTORY_COST_READ".into()))]
    async fn stock_value(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        let Some(price) = money::cost(ctx.scope()?, self.row.cost_price)? else { return Ok(None) };
        let on_hand = self.totals(ctx.scope()?).await?.on_hand;
        self.money(ctx.scope()?, Some(quantity::value(on_hand, price))).await
    }
    /// How many days what is available lasts at the pace of the last 30, or of those since its first movement when they are
    /// fewer; null when nothing was sold.
    async fn days_of_cover(&self, ctx: &Context<'_>) -> Result<Option<Decimal>> {
        let scope = ctx.scope()?;
        let pace = self.page.paces.get(self.row.id, |ids| stock::sales_paces(scope, ids)).await?;
        let Some(pace) = pace else { return Ok(None) };
        let tenths = pace.tenths_of_days(self.totals(scope).await?.available());
        Ok(Some(Decimal(quantity::format_scaled(tenths, 1, false))))
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
        let (levels, together) = (self.page.levels(scope, self.row.id).await?, self.page.level_page(scope).await?);
        let levels = Page::of_all(levels.to_vec(), &args, |level| level.id.0)?;
        Ok(Some(StockLevelConnection::new(levels.map(|row| StockLevel::new(row, together.clone())))))
    }
    /// Its ledger, the latest first.
    #[graphql(directive = crate::schema::requires::apply("INVENTORY_STOCK_MOVEMENT_READ".into()))]
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
        Ok(Some(StockMovementConnection::new(Box::pin(self.page.movement_page(scope, self.row.id, &args)).await?)))
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
        let page = Box::pin(self.page.alert_page(scope, self.row.id, &args)).await?;
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
