//! Stock levels: how much there is, per warehouse and in all.

use super::movements::day_of;
use super::products::StockStatus;
use crate::identity::Permission;
use crate::page::{Named, Page, PageArgs, Sort, listed, one_of};
use crate::{Reads, Result, Scope, sql};
use entities::inventory::{ProductId, StockLevelId, WarehouseId, product, stock_level};
use entities::{Quantity, TenantId, Timestamp};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, DbErr, FromQueryResult, QueryResult};
use std::collections::HashMap;

/// What a product has over all warehouses; none of it was ever recorded when `levels` is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sea_orm::FromQueryResult)]
pub struct Totals {
    pub product_id: Option<ProductId>,
    pub levels: i64,
    pub on_hand: Quantity,
    pub reserved: Quantity,
}

impl Totals {
    pub fn available(&self) -> Quantity {
        self.on_hand - self.reserved
    }
    /// None when nothing was ever recorded.
    pub fn known_available(&self) -> Option<Quantity> {
        (self.levels > 0).then(|| self.available())
    }
}

/// A level, read by the places of its columns: a page of products has hundreds, and to look each column up by name costs as
/// much as to read it.
struct Level(stock_level::Model);

impl FromQueryResult for Level {
    fn from_query_result(row: &QueryResult, _: &str) -> std::result::Result<Self, DbErr> {
        Ok(Self(stock_level::Model {
            tenant_id: row.try_get_by_index(0)?,
            id: row.try_get_by_index(1)?,
            product_id: row.try_get_by_index(2)?,
            warehouse_id: row.try_get_by_index(3)?,
            on_hand: row.try_get_by_index(4)?,
            reserved: row.try_get_by_index(5)?,
            updated_at: row.try_get_by_index(6)?,
        }))
    }
}

/// The stock of these products, by warehouse; products without any are not there.
pub async fn levels_of(scope: &Scope, products: &[ProductId]) -> Result<HashMap<ProductId, Vec<stock_level::Model>>> {
    scope.require(Permission::InventoryStockRead)?;
    let rows = scope.statement(sql!("levels.sql")).ids("products", products.iter().copied());
    let mut by_product: HashMap<ProductId, Vec<stock_level::Model>> = HashMap::new();
    for Level(row) in rows.all().await? {
        by_product.entry(row.product_id).or_default().push(row);
    }
    Ok(by_product)
}

/// The sums of levels already read.
pub fn totals(levels: &[stock_level::Model]) -> Totals {
    let mut totals = Totals { product_id: levels.first().map(|level| level.product_id), ..Totals::default() };
    for level in levels {
        totals.levels += 1;
        totals.on_hand += level.on_hand;
        totals.reserved += level.reserved;
    }
    totals
}

#[derive(Clone, Debug, Default)]
pub struct LevelFilter {
    pub products: Option<Vec<ProductId>>,
    pub warehouses: Option<Vec<WarehouseId>>,
    /// How the level itself stands, by its product's reorder point.
    pub stock_status: Option<Vec<StockStatus>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelOrder {
    Sku,
    UpdatedAt,
}

const SKU: Named = Named { table: "products", text: "sku" };

/// One page of stock levels, in the order they came to be when no order is asked for.
pub async fn page(scope: &Scope, filter: &LevelFilter, order: &[(LevelOrder, bool)], args: &PageArgs) -> Result<Page<stock_level::Model>> {
    scope.require(Permission::InventoryStockRead)?;
    let mut all = Condition::all();
    if let Some(ids) = &filter.products {
        all = all.add(one_of(stock_level::Column::ProductId, ids)?);
    }
    if let Some(ids) = &filter.warehouses {
        all = all.add(one_of(stock_level::Column::WarehouseId, ids)?);
    }
    if let Some(statuses) = &filter.stock_status {
        all = all.add(level_has_status(scope.tenant(), &listed(statuses)?));
    }
    let sorts: Vec<Sort<stock_level::Entity>> = order
        .iter()
        .map(|(by, descending)| match by {
            LevelOrder::Sku => Sort::by_name(stock_level::Column::ProductId, &SKU, *descending),
            LevelOrder::UpdatedAt => Sort::new(stock_level::Column::UpdatedAt, *descending),
        })
        .collect();
    scope.select::<stock_level::Entity>().filter(all).page(args, &sorts).await
}

pub async fn find(scope: &Scope, id: StockLevelId) -> Result<Option<stock_level::Model>> {
    scope.require(Permission::InventoryStockRead)?;
    scope.find::<stock_level::Entity>(id).await
}

/// A product's levels, inside a query over products; the guard sees to it that the tenant is bound here, too.
fn levels(tenant: TenantId) -> SelectStatement {
    let mut query = Query::select();
    let mine = stock_level::Column::TenantId.eq(tenant.0);
    query.from(stock_level::Entity).and_where(if crate::scope::leaking() { Expr::val(true) } else { mine });
    let outer = (product::Entity, product::Column::Id);
    query.and_where(Expr::col((stock_level::Entity, stock_level::Column::ProductId)).equals(outer));
    query
}

/// Products with a level in one of the warehouses.
pub(super) fn held_in(tenant: TenantId, warehouses: &[WarehouseId]) -> Result<SimpleExpr> {
    let mut query = levels(tenant);
    query.expr(Expr::val(1)).and_where(one_of(stock_level::Column::WarehouseId, warehouses)?);
    Ok(Expr::exists(query))
}

/// Products whose sum over all warehouses stands so.
pub(super) fn has_status(tenant: TenantId, statuses: &[StockStatus]) -> Condition {
    let mut sum = levels(tenant);
    let available = Expr::col(stock_level::Column::OnHand).sub(Expr::col(stock_level::Column::Reserved));
    sum.expr(Func::cast_as(Func::sum(available), Alias::new("bigint")));
    let sum = SimpleExpr::SubQuery(None, Box::new(sum.into()));
    status_condition(&sum, Expr::col((product::Entity, product::Column::ReorderPoint)), statuses)
}

fn level_has_status(tenant: TenantId, statuses: &[StockStatus]) -> Condition {
    let available = Expr::col(stock_level::Column::OnHand).sub(Expr::col(stock_level::Column::Reserved));
    let outer = (stock_level::Entity, stock_level::Column::ProductId);
    let mut point = Query::select();
    point.column(product::Column::ReorderPoint).from(product::Entity).and_where(product::Column::TenantId.eq(tenant.0));
    point.and_where(Expr::col((product::Entity, product::Column::Id)).equals(outer));
    status_condition(&available, SimpleExpr::SubQuery(None, Box::new(point.into())), statuses)
}

fn status_condition(available: &SimpleExpr, reorder_point: impl Into<SimpleExpr>, statuses: &[StockStatus]) -> Condition {
    let point: SimpleExpr = reorder_point.into();
    let mut any = Condition::any();
    for status in statuses {
        any = any.add(match status {
            StockStatus::NoMovement => Condition::all().add(available.clone().is_null()),
            StockStatus::StockOut => Condition::all().add(available.clone().lte(0)),
            StockStatus::LowStock => Condition::all().add(available.clone().gt(0)).add(available.clone().lte(point.clone())),
            StockStatus::InStock => Condition::all()
                .add(available.clone().gt(0))
                .add(Condition::any().add(point.clone().is_null()).add(available.clone().gt(point.clone()))),
        });
    }
    if statuses.is_empty() { Condition::all().add(Expr::val(false)) } else { any }
}

/// Days that a product's pace is taken over, when it has been there for as long.
const PACE_DAYS: i32 = 30;

/// How fast a product sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SalesPace {
    /// Thousandths of its unit, more than none.
    pub sold: i64,
    /// In so many days: the last 30, or as many as have passed since its first movement, one at least. What is new in the
    /// shop would otherwise seem to sell slowly.
    pub days: i32,
}

impl SalesPace {
    /// How many days as much as this lasts, in tenths.
    pub fn tenths_of_days(self, available: Quantity) -> i64 {
        let tenths = i128::from(std::cmp::Ord::max(available, Quantity::ZERO).0) * i128::from(self.days) * 10 / i128::from(self.sold);
        i64::try_from(tenths).unwrap_or(i64::MAX)
    }
}

/// How fast these products sell; those without sales in the last 30 days are not there.
pub async fn sales_paces(scope: &Scope, products: &[ProductId]) -> Result<HashMap<ProductId, SalesPace>> {
    #[derive(sea_orm::FromQueryResult)]
    struct Sold {
        product_id: ProductId,
        delivered: i64,
        first_moved_at: Option<Timestamp>,
    }
    let zone = &crate::identity::organizations::facts(scope).await?.time_zone;
    let today = day_of(scope.now(), zone);
    let sums = scope.statement(sql!("sold.sql")).ids("products", products.iter().copied());
    let rows: Vec<Sold> = sums.bind("after", today - PACE_DAYS).bind("today", today).all().await?;
    let age = |row: &Sold| row.first_moved_at.map_or(PACE_DAYS, |first| today - day_of(first, zone));
    let pace = |row: Sold| (row.product_id, SalesPace { sold: row.delivered, days: age(&row).clamp(1, PACE_DAYS) });
    Ok(rows.into_iter().filter(|row| row.delivered > 0).map(pace).collect())
}
