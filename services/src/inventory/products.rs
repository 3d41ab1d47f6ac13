//! Products: finding, listing, creating, changing, archiving.

use super::{money, quantity, search};
use crate::identity::{Permission, check_text, organizations};
use crate::locale::Locale;
use crate::page::{Page, PageArgs, Sort, listed, one_of};
use crate::scope::TenantTx;
use crate::{Code, Error, Reads, Refusals, Result, Scope, sql};
use entities::inventory::{CategoryId, ProductId, SupplierId, UnitId, WarehouseId, category, product, supplier, unit};
use entities::{MinorUnits, Quantity};
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
        ProductOrder::Name => product::Column::Name,
        ProductOrder::CreatedAt => product::Column::CreatedAt,
        ProductOrder::UpdatedAt => product::Column::UpdatedAt,
    };
    let mut sorts: Vec<Sort<product::Entity>> = order.iter().map(|(by, descending)| Sort::new(column(*by), *descending)).collect();
    if sorts.is_empty() {
        sorts.push(Sort::ascending(product::Column::Name));
    }
    scope.select::<product::Entity>().filter(condition(scope, filter)?).page(args, &sorts).await
}

fn condition(scope: &Scope, filter: &ProductFilter) -> Result<Condition> {
    let mut all = Condition::all();
    if !filter.include_archived {
        all = all.add(product::Column::ArchivedAt.is_null());
    }
    if let Some(text) = filter.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        all = all.add(search::finds(text)?);
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
    let checked = Checked::of(scope.locale(), change, &currency)?;
    let txn = scope.begin().await?;
    let unit = match checked.unit {
        Some(unit) => unit,
        None => default_unit(&txn).await?,
    };
    checked.check_references(&txn).await?;
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
    txn.commit().await?;
    Ok(row)
}

/// Changes a product. A stale version is refused.
pub async fn update(scope: &Scope, id: ProductId, change: ProductChange) -> Result<product::Model> {
    scope.require(Permission::InventoryProductWrite)?;
    let currency = organizations::get(scope).await?.currency;
    let expected = change.expected_version;
    let checked = Checked::of(scope.locale(), change, &currency)?;
    let txn = scope.begin().await?;
    let old = locked(&txn, id, expected).await?;
    checked.check_references(&txn).await?;
    if let Some(unit) = checked.unit.filter(|unit| *unit != old.unit_id) {
        refuse_finer_stock(&txn, id, unit).await?;
    }
    let now = txn.now();
    let mut row = product::ActiveModel { id: Unchanged(id), version: Set(old.version + 1), ..checked.row(now) };
    if let Some(unit) = checked.unit {
        row.unit_id = Set(unit);
    }
    row.search = Set(checked.search(&old.sku, &old.name, old.barcode.as_deref()));
    let row = txn.update(row).await.map_err(|e| e.or_refuse_duplicate("sku", "sku", scope.locale().say("sku-taken", &[])))?;
    txn.commit().await?;
    Ok(row)
}

/// Takes a product out of use; its stock and history stay.
pub async fn archive(scope: &Scope, id: ProductId, expected_version: Option<i64>) -> Result<product::Model> {
    scope.require(Permission::InventoryProductWrite)?;
    let txn = scope.begin().await?;
    let old = locked(&txn, id, expected_version).await?;
    if old.archived_at.is_some() {
        return Ok(old);
    }
    let now = txn.now();
    let row = product::ActiveModel {
        id: Unchanged(id),
        version: Set(old.version + 1),
        archived_at: Set(Some(now)),
        updated_at: Set(now),
        ..Default::default()
    };
    let row = txn.update(row).await?;
    txn.commit().await?;
    Ok(row)
}

async fn locked(txn: &TenantTx<'_>, id: ProductId, expected: Option<i64>) -> Result<product::Model> {
    let unknown = || txn.locale().say("product-unknown", &[]);
    let old = txn.lock::<product::Entity>(id).await.map_err(|e| e.or_refuse_missing("id", unknown()))?;
    if expected.is_some_and(|version| version != old.version) {
        return Err(Error::refuse(Code::StaleVersion, "expectedVersion", txn.locale().say("stale-version", &[])));
    }
    Ok(old)
}

async fn default_unit(txn: &TenantTx<'_>) -> Result<UnitId> {
    let piece = txn.select::<unit::Entity>().filter(unit::Column::Code.eq("PIECE")).one().await?;
    piece.map(|unit| unit.id).ok_or_else(|| Error::internal("the organisation has no unit PIECE"))
}

/// A coarser unit would make quantities already in the ledger meaningless.
async fn refuse_finer_stock(txn: &TenantTx<'_>, product: ProductId, unit: UnitId) -> Result<()> {
    let unit = txn.get::<unit::Entity>(unit).await?;
    if has_finer_stock(txn, product, unit.decimals).await? {
        return Err(Error::refuse(Code::ForbiddenState, "unitId", txn.locale().say("unit-too-coarse", &[])));
    }
    Ok(())
}

/// Whether the ledger holds quantities of the product that so few decimals cannot say.
pub(crate) async fn has_finer_stock(on: &impl Reads, product: ProductId, decimals: i32) -> Result<bool> {
    let step = 10_i64.pow(u32::try_from(3 - decimals).unwrap_or(0));
    let finer: Option<i64> = on.statement(sql!("finer_movements.sql")).bind("product", product).bind("step", step).value().await?;
    Ok(finer.unwrap_or(0) > 0)
}

/// A change whose fields have been read and found good.
pub(crate) struct Checked {
    pub change: ProductChange,
    unit: Option<UnitId>,
    pub cost_price: Option<Option<MinorUnits>>,
    pub sale_price: Option<Option<MinorUnits>>,
    pub reorder_point: Option<Option<Quantity>>,
    safety_stock: Option<Option<Quantity>>,
}

impl Checked {
    /// Reads the fields, or refuses each that cannot be read.
    pub(crate) fn of(locale: Locale, mut change: ProductChange, currency: &str) -> Result<Self> {
        let mut refusals = Refusals::default();
        change.sku = change.sku.map(|sku| check_text(&sku, "sku", 64, locale, &mut refusals));
        change.name = change.name.map(|name| check_text(&name, "name", 300, locale, &mut refusals));
        for (text, path, most) in [(&change.description, "description", 5000), (&change.barcode, "barcode", 64)] {
            if text.as_ref().and_then(Option::as_ref).is_some_and(|text| text.chars().count() > most) {
                refusals.add(Code::TooLong, path, locale.say("text-too-long", &[("most", most.to_string())]));
            }
        }
        if change.lead_time_days.flatten().is_some_and(|days| !(0..=3650).contains(&days)) {
            refusals.add(Code::OutOfRange, "leadTimeDays", locale.say("lead-time-range", &[]));
        }
        let mut price = |text: &Option<Option<String>>, path: &str| {
            read(text, |text| money::parse(text, currency).filter(|amount| amount.0 >= 0)).unwrap_or_else(|()| {
                refusals.add(Code::OutOfRange, path, locale.say("amount-invalid", &[("currency", currency.to_owned())]));
                None
            })
        };
        let (cost_price, sale_price) = (price(&change.cost_price, "costPrice"), price(&change.sale_price, "salePrice"));
        let mut amount = |text: &Option<Option<String>>, path: &str| {
            read(text, |text| quantity::parse(text).filter(|quantity| quantity.0 >= 0)).unwrap_or_else(|()| {
                refusals.add(Code::OutOfRange, path, locale.say("quantity-invalid", &[]));
                None
            })
        };
        let (reorder_point, safety_stock) = (amount(&change.reorder_point, "reorderPoint"), amount(&change.safety_stock, "safetyStock"));
        refusals.check()?;
        Ok(Self { unit: change.unit, change, cost_price, sale_price, reorder_point, safety_stock })
    }

    /// What the product is found by; what does not change is as it was.
    fn search(&self, sku: &str, name: &str, barcode: Option<&str>) -> String {
        let change = &self.change;
        let barcode = change.barcode.as_ref().map_or(barcode, Option::as_deref);
        search::folded(change.sku.as_deref().unwrap_or(sku), change.name.as_deref().unwrap_or(name), barcode)
    }

    async fn check_references(&self, txn: &TenantTx<'_>) -> Result<()> {
        let mut refusals = Refusals::default();
        let mut missing = |path: &str, key: &str| refusals.add(Code::NotFound, path, txn.locale().say(key, &[]));
        if let Some(id) = self.unit
            && txn.find::<unit::Entity>(id).await?.is_none()
        {
            missing("unitId", "unit-unknown");
        }
        if let Some(id) = self.change.category.flatten()
            && txn.find::<category::Entity>(id).await?.is_none()
        {
            missing("categoryId", "category-unknown");
        }
        if let Some(id) = self.change.supplier.flatten()
            && txn.find::<supplier::Entity>(id).await?.is_none()
        {
            missing("supplierId", "supplier-unknown");
        }
        refusals.check()
    }

    fn row(&self, now: entities::Timestamp) -> product::ActiveModel {
        use sea_orm::ActiveValue::NotSet;
        let change = &self.change;
        fn set<T: Into<sea_orm::Value> + Clone>(value: &Option<T>) -> sea_orm::ActiveValue<T> {
            value.clone().map_or(NotSet, Set)
        }
        product::ActiveModel {
            sku: set(&change.sku),
            name: set(&change.name),
            description: set(&change.description),
            barcode: set(&change.barcode),
            category_id: set(&change.category),
            supplier_id: set(&change.supplier),
            cost_price: set(&self.cost_price),
            sale_price: set(&self.sale_price),
            reorder_point: set(&self.reorder_point),
            safety_stock: set(&self.safety_stock),
            lead_time_days: set(&change.lead_time_days),
            updated_at: Set(now),
            ..Default::default()
        }
    }
}

/// Reads an optional, clearable text; an error when it is there and cannot be read.
fn read<T>(text: &Option<Option<String>>, parse: impl Fn(&str) -> Option<T>) -> Result<Option<Option<T>>, ()> {
    match text {
        None => Ok(None),
        Some(None) => Ok(Some(None)),
        Some(Some(text)) => parse(text.trim()).map(|value| Some(Some(value))).ok_or(()),
    }
}
