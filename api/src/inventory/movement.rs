use super::catalog::Warehouse;
use super::product::Product;
use crate::context::Ask;
use crate::error::Result;
use crate::identity::types::Membership;
use crate::ids::GlobalId;
use crate::scalars::{DateTime, Decimal, Money};
use crate::shared::Shared;
use crate::together::Together;
use async_graphql::{Context, Enum, ID, Object};
use entities::Quantity;
use entities::identity::MembershipId;
use entities::inventory::{ProductId, StockMovementId, WarehouseId, stock_level, stock_movement};
use services::Scope;
use services::identity::organizations;
use services::inventory::{money, movements};
use services::page::Page;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// How much of a product one warehouse holds.
#[derive(Clone)]
pub struct StockLevel {
    pub row: stock_level::Model,
    page: Arc<LevelPage>,
}

/// What the stock levels of one page point at.
pub struct LevelPage {
    products: Together<ProductId, Product>,
    warehouses: Together<WarehouseId, Shared<Warehouse>>,
}

impl LevelPage {
    pub fn of<'a>(rows: impl Iterator<Item = &'a stock_level::Model> + Clone) -> Arc<Self> {
        let (products, warehouses) = (rows.clone().map(|row| row.product_id), rows.map(|row| row.warehouse_id));
        Arc::new(Self { products: Together::new(products), warehouses: Together::new(warehouses) })
    }
}

impl StockLevel {
    pub fn new(row: stock_level::Model, page: Arc<LevelPage>) -> Self {
        Self { row, page }
    }
    pub fn alone(row: stock_level::Model) -> Self {
        let page = LevelPage::of(std::iter::once(&row));
        Self { row, page }
    }
    pub fn page(page: Page<stock_level::Model>) -> Page<Self> {
        let together = LevelPage::of(page.items().collect::<Vec<_>>().into_iter());
        page.map(|row| Self { row, page: together.clone() })
    }
}

/// How much of a product one warehouse holds.
#[Object(crate = "crate::in_place::gql")]
impl StockLevel {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.row.id.to_global()
    }
    /// What is held.
    async fn product(&self, ctx: &Context<'_>) -> Result<Product> {
        let scope = ctx.scope()?;
        Ok(self.page.products.must_get(self.row.product_id, |ids| Product::by_ids(scope, ids)).await?)
    }
    /// Where it is held.
    async fn warehouse(&self, ctx: &Context<'_>) -> Result<Shared<Warehouse>> {
        let scope = ctx.scope()?;
        Ok(self.page.warehouses.must_get(self.row.warehouse_id, |ids| Warehouse::by_ids(scope, ids)).await?)
    }
    /// Physically present, in the product's unit.
    async fn on_hand(&self) -> Decimal {
        self.row.on_hand.into()
    }
    /// Promised to somebody.
    async fn reserved(&self) -> Decimal {
        self.row.reserved.into()
    }
    /// On hand less reserved.
    async fn available(&self) -> Decimal {
        (self.row.on_hand - self.row.reserved).into()
    }
    /// When it last changed.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

connection!(StockLevel, StockLevelConnection, StockLevelEdge, "stock levels");

/// One change of stock; never edited, undone by its reverse.
#[derive(Clone)]
pub struct StockMovement {
    pub row: stock_movement::Model,
    page: Arc<MovementPage>,
}

/// What the movements of one page point at.
pub struct MovementPage {
    rows: Vec<stock_movement::Model>,
    products: Together<ProductId, Product>,
    warehouses: Together<WarehouseId, Shared<Warehouse>>,
    members: Together<MembershipId, Membership>,
    reversed: Together<StockMovementId, StockMovement>,
    after: Together<StockMovementId, Quantity>,
}

impl MovementPage {
    fn of(rows: Vec<stock_movement::Model>) -> Arc<Self> {
        Arc::new(Self::rows(rows))
    }

    fn rows(rows: Vec<stock_movement::Model>) -> Self {
        Self {
            products: Together::new(rows.iter().map(|row| row.product_id)),
            warehouses: Together::new(rows.iter().map(|row| row.warehouse_id)),
            members: Together::new(rows.iter().filter_map(|row| row.recorded_by)),
            reversed: Together::new(rows.iter().filter_map(|row| row.reverses_id)),
            after: Together::new(rows.iter().map(|row| row.id)),
            rows,
        }
    }
}

impl StockMovement {
    pub fn alone(row: stock_movement::Model) -> Self {
        let page = MovementPage::of(vec![row.clone()]);
        Self { row, page }
    }
    /// A movement just recorded, with what was on hand after it.
    pub fn recorded(row: stock_movement::Model, on_hand_after: Option<Quantity>) -> Self {
        let mut page = MovementPage::rows(vec![row.clone()]);
        if let Some(after) = on_hand_after {
            page.after = Together::known(row.id, after);
        }
        Self { row, page: Arc::new(page) }
    }
    /// The movements with these ids, for a page of what points at them.
    pub async fn by_ids(scope: &Scope, ids: &[StockMovementId]) -> services::Result<HashMap<StockMovementId, Self>> {
        let rows = movements::by_ids(scope, ids).await?;
        let together = MovementPage::of(rows.values().cloned().collect());
        Ok(rows.into_iter().map(|(id, row)| (id, Self { row, page: together.clone() })).collect())
    }
    /// Pages whose movements load what they point at together.
    pub fn pages<K: Eq + Hash>(pages: HashMap<K, Page<stock_movement::Model>>) -> HashMap<K, Page<Self>> {
        let together = MovementPage::of(pages.values().flat_map(Page::items).cloned().collect());
        pages.into_iter().map(|(key, page)| (key, page.map(|row| Self { row, page: together.clone() }))).collect()
    }
    pub fn page(page: Page<stock_movement::Model>) -> Page<Self> {
        let together = MovementPage::of(page.items().cloned().collect());
        page.map(|row| Self { row, page: together.clone() })
    }
}

/// One change of stock; never edited, undone by its reverse.
#[Object(crate = "crate::in_place::gql")]
impl StockMovement {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.row.id.to_global()
    }
    /// What moved.
    async fn product(&self, ctx: &Context<'_>) -> Result<Product> {
        let scope = ctx.scope()?;
        Ok(self.page.products.must_get(self.row.product_id, |ids| Product::by_ids(scope, ids)).await?)
    }
    /// Where it moved.
    async fn warehouse(&self, ctx: &Context<'_>) -> Result<Shared<Warehouse>> {
        let scope = ctx.scope()?;
        Ok(self.page.warehouses.must_get(self.row.warehouse_id, |ids| Warehouse::by_ids(scope, ids)).await?)
    }
    /// Why it moved.
    async fn kind(&self) -> StockMovementKind {
        self.row.kind.into()
    }
    /// What stock gained or, below zero, lost.
    async fn quantity(&self) -> Decimal {
        self.row.quantity.into()
    }
    /// What was on hand after it, in the order of `occurredAt`.
    async fn on_hand_after(&self, ctx: &Context<'_>) -> Result<Decimal> {
        let (scope, page) = (ctx.scope()?, &self.page);
        Ok(page.after.must_get(self.row.id, |_| movements::on_hand_after(scope, &page.rows)).await?.into())
    }
    /// What the customer asked for, where a sale says so.
    async fn ordered_quantity(&self) -> Option<Decimal> {
        self.row.ordered_quantity.map(Into::into)
    }
    /// What one unit cost.
    #[graphql(directive = crate::schema::requires::apply("INVENTORY_COST_READ".into()))]
    async fn unit_cost(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        let Some(amount) = money::cost(ctx.scope()?, self.row.unit_cost)? else { return Ok(None) };
        Ok(Some(Money::new(amount, &Box::pin(organizations::facts(ctx.scope()?)).await?.currency)))
    }
    /// In the recorder's words.
    async fn reason(&self) -> Option<&str> {
        self.row.reason.as_deref()
    }
    /// A ticket, invoice or order number.
    async fn reference(&self) -> Option<&str> {
        self.row.reference.as_deref()
    }
    /// When it happened.
    async fn occurred_at(&self) -> DateTime {
        self.row.occurred_at.into()
    }
    /// When it was entered.
    async fn recorded_at(&self) -> DateTime {
        self.row.recorded_at.into()
    }
    /// Who entered it, or started the import that did; null for the system.
    async fn recorded_by(&self, ctx: &Context<'_>) -> Result<Option<Membership>> {
        let Some(id) = self.row.recorded_by else { return Ok(None) };
        let scope = ctx.scope()?;
        Ok(self.page.members.get(id, |ids| Membership::by_ids(scope, ids)).await?)
    }
    /// The movement this one undoes.
    async fn reverses(&self, ctx: &Context<'_>) -> Result<Option<StockMovement>> {
        let Some(id) = self.row.reverses_id else { return Ok(None) };
        let scope = ctx.scope()?;
        Ok(self.page.reversed.get(id, |ids| StockMovement::by_ids(scope, ids)).await?)
    }
}

connection!(StockMovement, StockMovementConnection, StockMovementEdge, "stock movements");

/// Why stock changed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "stock_movement::StockMovementKind")]
pub enum StockMovementKind {
    /// Goods came in from a supplier.
    Receipt,
    /// Goods were sold.
    Sale,
    /// A customer brought goods back.
    CustomerReturn,
    /// Goods went back to a supplier.
    SupplierReturn,
    /// A correction, in either direction.
    Adjustment,
    /// Goods were lost, broken or thrown away.
    WriteOff,
    /// Goods left for another warehouse.
    TransferOut,
    /// Goods came from another warehouse.
    TransferIn,
    /// Goods were counted; the movement is what the ledger was off by.
    Count,
}
