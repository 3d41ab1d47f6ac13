//! Products: finding, listing, creating, changing, archiving and bringing back.

mod check;

pub(crate) use check::Checked;

use super::search;
use crate::audit::NewAudit;
use crate::identity::{Permission, organizations};
use crate::page::{Page, PageArgs, Sort, listed, one_of};
use crate::scope::TenantTx;
use crate::{Code, Error, Reads, Refusals, Result, Scope, sql};
use entities::Quantity;
use entities::inventory::{CategoryId, ProductId, SupplierId, UnitId, WarehouseId, product};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{ColumnTrait, Condition};
use std::collections::HashMap;

/// Which products a list shows.
#[derive(Clone, Debug, Default)]
pub struct ProductFilter {
    /// Part of the SKU, name or barcode, in any case and with or without accents.
    pub search: Option<String>,
    pub categories: Option<Vec<CategoryId>>,
    pub suppliers: Option<Vec<SupplierId>>,
    /// Held, or once held, in one of these.
    pub warehouses: Option<Vec<WarehouseId>>,
    pub stock_status: Option<Vec<StockStatus>>,
    pub include_archived: bool,
}

/// How a product stands: out when nothing is available, low when at or below its reorder point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StockStatus {
    InStock,
    LowStock,
    StockOut,
    /// Never moved, so nothing is known.
    NoMovement,
}

impl StockStatus {
    /// The status of an available quantity; none was ever recorded: no movement.
    pub fn of(available: Option<Quantity>, reorder_point: Option<Quantity>) -> Self {
        match available {
            None => Self::NoMovement,
            Some(available) if available <= Quantity::ZERO => Self::StockOut,
            Some(available) if reorder_point.is_some_and(|point| available <= point) => Self::LowStock,
            Some(_) => Self::InStock,
        }
    }
}

/// Which column a list of products is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductOrder {
    Sku,
    Name,
    CreatedAt,
    UpdatedAt,
}

/// One page of products; by name when no order is asked for.
pub async fn page(scope: &Scope, filter: &ProductFilter, order: &[(ProductOrder, bool)], args: &PageArgs) -> Result<Page<product::Model>> {
    scope.require(Permission::InventoryProductRead)?;
    let column = |order: ProductOrder| match order {
        ProductOrder::Sku => product::Column::Sku,
        ProductOrder::Name => product::Column::NameKey,
        ProductOrder::CreatedAt => product::Column::CreatedAt,
        ProductOrder::UpdatedAt => product::Column::UpdatedAt,
    };
    let mut sorts: Vec<Sort<product::Entity>> = order.iter().map(|(by, descending)| Sort::new(column(*by), *descending)).collect();
    if sorts.is_empty() {
        sorts.push(Sort::ascending(product::Column::NameKey));
    }
    scope.select::<product::Entity>().filter(condition(scope, filter)?).page(args, &sorts).await
}

fn condition(scope: &Scope, filter: &ProductFilter) -> Result<Condition> {
    let mut all = Condition::all();
    if !filter.include_archived {
        all = all.add(product::Column::ArchivedAt.is_null());
    }
    if let Some(text) = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        all = all.add(search::finds(text, scope.locale())?);
    }
    if let Some(ids) = &filter.categories {
        all = all.add(one_of(product::Column::CategoryId, ids)?);
    }
    if let Some(ids) = &filter.suppliers {
        all = all.add(one_of(product::Column::SupplierId, ids)?);
    }
    if let Some(ids) = &filter.warehouses {
        all = all.add(super::stock::held_in(scope.tenant(), ids)?);
    }
    if let Some(statuses) = &filter.stock_status {
        all = all.add(super::stock::has_status(scope.tenant(), &listed(statuses)?));
    }
    Ok(all)
}

pub async fn find(scope: &Scope, id: ProductId) -> Result<Option<product::Model>> {
    scope.require(Permission::InventoryProductRead)?;
    scope.find::<product::Entity>(id).await
}

pub async fn find_by_sku(scope: &Scope, sku: &str) -> Result<Option<product::Model>> {
    scope.require(Permission::InventoryProductRead)?;
    scope.select::<product::Entity>().filter(product::Column::Sku.eq(sku.trim())).one().await
}

/// These products, for a page that shows them beside its rows.
pub async fn by_ids(scope: &Scope, ids: &[ProductId]) -> Result<HashMap<ProductId, product::Model>> {
    scope.require(Permission::InventoryProductRead)?;
    scope.by_ids::<product::Entity>(ids).await
}

/// What a product is made of; decimals as people type them.
#[derive(Clone, Debug, Default)]
pub struct NewProduct {
    pub sku: String,
    pub name: String,
    pub description: Option<String>,
    /// None: PIECE.
    pub unit: Option<UnitId>,
    pub category: Option<CategoryId>,
    pub supplier: Option<SupplierId>,
    pub barcode: Option<String>,
    pub cost_price: Option<String>,
    pub sale_price: Option<String>,
    pub reorder_point: Option<String>,
    pub safety_stock: Option<String>,
    pub lead_time_days: Option<i32>,
}

/// A change of a product; outer none: untouched, inner none: cleared.
#[derive(Clone, Debug, Default)]
pub struct ProductChange {
    pub expected_version: Option<i64>,
    pub sku: Option<String>,
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub unit: Option<UnitId>,
    pub category: Option<Option<CategoryId>>,
    pub supplier: Option<Option<SupplierId>>,
    pub barcode: Option<Option<String>>,
    pub cost_price: Option<Option<String>>,
    pub sale_price: Option<Option<String>>,
    pub reorder_point: Option<Option<String>>,
    pub safety_stock: Option<Option<String>>,
    pub lead_time_days: Option<Option<i32>>,
}

/// Adds a product.
pub async fn create(scope: &Scope, input: NewProduct) -> Result<product::Model> {
    scope.require(Permission::InventoryProductWrite)?;
    let currency = organizations::get(scope).await?.currency;
    let change = ProductChange {
        sku: Some(input.sku),
        name: Some(input.name),
        description: Some(input.description),
        unit: input.unit,
        category: Some(input.category),
        supplier: Some(input.supplier),
        barcode: Some(input.barcode),
        cost_price: Some(input.cost_price),
        sale_price: Some(input.sale_price),
        reorder_point: Some(input.reorder_point),
        safety_stock: Some(input.safety_stock),
        lead_time_days: Some(input.lead_time_days),
        ..Default::default()
    };
    let mut refusals = Refusals::default();
    let checked = Checked::read(scope.locale(), change, &currency, &mut refusals);
    let txn = scope.begin().await?;
    let unit = checked.check_in(&txn, None, &mut refusals).await?;
    refusals.check()?;
    // Without one it has been refused.
    let unit = unit.ok_or(Error::NotFound)?.id;
    let now = txn.now();
    let row = product::ActiveModel {
        id: Set(txn.new_id()),
        version: Set(1),
        unit_id: Set(unit),
        archived_at: Set(None),
        created_at: Set(now),
        search: Set(checked.search("", "", None)),
        ..checked.row(now)
    };
    let row = txn.insert(row).await.map_err(|e| e.or_refuse_duplicate("sku", "sku", scope.locale().say("sku-taken", &[])))?;
    txn.audit(NewAudit::of("inventory.product.create").on("Product", row.id).with("sku", row.sku.as_str()).with("name", row.name.as_str()));
    txn.commit().await?;
    Ok(row)
}

/// Changes a product. A stale version is refused.
pub async fn update(scope: &Scope, id: ProductId, change: ProductChange) -> Result<product::Model> {
    scope.require(Permission::InventoryProductWrite)?;
    let currency = organizations::get(scope).await?.currency;
    let (expected, mut refusals) = (change.expected_version, Refusals::default());
    let checked = Checked::read(scope.locale(), change, &currency, &mut refusals);
    let txn = scope.begin().await?;
    let old = refusals.also(locked(&txn, id, expected).await)?;
    checked.check_in(&txn, old.as_ref(), &mut refusals).await?;
    refusals.check()?;
    // Without one it has been refused.
    let old = old.ok_or(Error::NotFound)?;
    let now = txn.now();
    let mut row = product::ActiveModel { id: Unchanged(id), version: Set(old.version + 1), ..checked.row(now) };
    if let Some(unit) = checked.unit {
        row.unit_id = Set(unit);
    }
    row.search = Set(checked.search(&old.sku, &old.name, old.barcode.as_deref()));
    let row = txn.update(row).await.map_err(|e| e.or_refuse_duplicate("sku", "sku", scope.locale().say("sku-taken", &[])))?;
    txn.audit(changed(&old, &row));
    txn.commit().await?;
    Ok(row)
}

/// Takes a product out of use; its stock and history stay.
pub async fn archive(scope: &Scope, id: ProductId, expected_version: Option<i64>) -> Result<product::Model> {
    keep_in_use(scope, id, expected_version, false).await
}

/// Brings an archived product back into use.
pub async fn unarchive(scope: &Scope, id: ProductId, expected_version: Option<i64>) -> Result<product::Model> {
    keep_in_use(scope, id, expected_version, true).await
}

async fn keep_in_use(scope: &Scope, id: ProductId, expected_version: Option<i64>, in_use: bool) -> Result<product::Model> {
    scope.require(Permission::InventoryProductWrite)?;
    let txn = scope.begin().await?;
    let old = locked(&txn, id, expected_version).await?;
    if old.archived_at.is_none() == in_use {
        return Ok(old);
    }
    let now = txn.now();
    let row = product::ActiveModel {
        id: Unchanged(id),
        version: Set(old.version + 1),
        archived_at: Set((!in_use).then_some(now)),
        updated_at: Set(now),
        ..Default::default()
    };
    let row = txn.update(row).await?;
    let act = if in_use { "inventory.product.unarchive" } else { "inventory.product.archive" };
    txn.audit(NewAudit::of(act).on("Product", id));
    txn.commit().await?;
    Ok(row)
}

/// What is kept of a change; how a product is described is no matter of audit.
fn changed(old: &product::Model, new: &product::Model) -> NewAudit {
    fn id(id: Option<impl std::fmt::Display>) -> Option<String> {
        id.map(|id| id.to_string())
    }
    NewAudit::of("inventory.product.update")
        .on("Product", new.id)
        .change("sku", old.sku.as_str(), new.sku.as_str())
        .change("name", old.name.as_str(), new.name.as_str())
        .change("unitId", old.unit_id.to_string(), new.unit_id.to_string())
        .change("categoryId", id(old.category_id), id(new.category_id))
        .change("supplierId", id(old.supplier_id), id(new.supplier_id))
        .change("barcode", old.barcode.clone(), new.barcode.clone())
        .change("costPrice", old.cost_price.map(|price| price.0), new.cost_price.map(|price| price.0))
        .change("salePrice", old.sale_price.map(|price| price.0), new.sale_price.map(|price| price.0))
        .change("reorderPoint", old.reorder_point.map(|point| point.0), new.reorder_point.map(|point| point.0))
        .change("safetyStock", old.safety_stock.map(|stock| stock.0), new.safety_stock.map(|stock| stock.0))
        .change("leadTimeDays", old.lead_time_days, new.lead_time_days)
        .hidden("description", old.description != new.description)
}

async fn locked(txn: &TenantTx<'_>, id: ProductId, expected: Option<i64>) -> Result<product::Model> {
    let unknown = || txn.locale().say("product-unknown", &[]);
    let old = txn.lock::<product::Entity>(id).await.map_err(|e| e.or_refuse_missing("id", unknown()))?;
    if expected.is_some_and(|version| version != old.version) {
        return Err(Error::refuse(Code::StaleVersion, "expectedVersion", txn.locale().say("stale-version", &[])));
    }
    Ok(old)
}

/// Whether the ledger holds quantities of the product that so few decimals cannot say.
pub(crate) async fn has_finer_stock(on: &impl Reads, product: ProductId, decimals: i32) -> Result<bool> {
    let step = 10_i64.pow(u32::try_from(3 - decimals).unwrap_or(0));
    let finer: Option<i64> = on.statement(sql!("finer_movements.sql")).bind("product", product).bind("step", step).value().await?;
    Ok(finer.unwrap_or(0) > 0)
}

#[cfg(test)]
mod tests;
