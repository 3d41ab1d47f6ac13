//! What products are sorted under, counted in, bought from, and held at.

use crate::audit::NewAudit;
use crate::identity::{Permission, check_email, check_phone};
use crate::page::{Page, PageArgs, Sort};
use crate::scope::TenantTx;
use crate::{Code, Error, Reads, Refusals, Result, Scope};
use entities::TenantScoped;
use entities::inventory::{CategoryId, UnitId, WarehouseId, category, supplier, unit, warehouse};
use migration::folding::name_key;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ModelTrait, sea_query::ValueType};
use std::collections::HashMap;
use std::hash::Hash;
use uuid::Uuid;

/// Most rows of one of these lists an organisation may have; refusing beats a screen nobody can use.
pub(crate) const MOST: u64 = 10_000;

pub async fn categories(scope: &Scope, args: &PageArgs) -> Result<Page<category::Model>> {
    scope.require(Permission::InventoryProductRead)?;
    scope.select::<category::Entity>().page(args, &[Sort::ascending(category::Column::NameKey)]).await
}

pub async fn suppliers(scope: &Scope, args: &PageArgs) -> Result<Page<supplier::Model>> {
    scope.require(Permission::InventoryProductRead)?;
    scope.select::<supplier::Entity>().page(args, &[Sort::ascending(supplier::Column::NameKey)]).await
}

pub async fn units(scope: &Scope, args: &PageArgs) -> Result<Page<unit::Model>> {
    scope.require(Permission::InventoryProductRead)?;
    scope.select::<unit::Entity>().page(args, &[Sort::ascending(unit::Column::Code)]).await
}

pub async fn warehouses(scope: &Scope, args: &PageArgs) -> Result<Page<warehouse::Model>> {
    scope.require(Permission::InventoryProductRead)?;
    scope.select::<warehouse::Entity>().page(args, &[Sort::ascending(warehouse::Column::NameKey)]).await
}

/// One row of a catalogue table, if the organisation has it.
pub async fn find<E: TenantScoped>(scope: &Scope, id: E::Id) -> Result<Option<E::Model>>
where
    E::Model: Send + Sync,
{
    scope.require(Permission::InventoryProductRead)?;
    scope.find::<E>(id).await
}

/// Rows of a catalogue table by id, for a page that shows them beside its products.
pub async fn by_ids<E: TenantScoped>(scope: &Scope, ids: &[E::Id]) -> Result<HashMap<E::Id, E::Model>>
where
    E::Id: Eq + Hash + Into<Uuid> + From<Uuid> + ValueType,
    E::Model: ModelTrait + Send + Sync,
{
    scope.by_ids::<E>(ids).await
}

#[derive(Clone, Debug, Default)]
pub struct NewSupplier {
    pub name: String,
    pub lead_time_days: Option<i32>,
    pub phone: Option<String>,
    pub email: Option<String>,
}

/// Adds a category, at the top or below another.
pub async fn create_category(scope: &Scope, name: &str, parent: Option<CategoryId>) -> Result<category::Model> {
    scope.require(Permission::InventoryProductWrite)?;
    let name = checked_name(scope, name)?;
    let txn = scope.begin().await?;
    below_ceiling::<category::Entity>(&txn).await?;
    unlike_others::<category::Entity>(&txn, category::Column::NameKey, &name).await?;
    if let Some(parent) = parent {
        let unknown = || scope.locale().say("category-unknown", &[]);
        txn.get::<category::Entity>(parent).await.map_err(|e| e.or_refuse_missing("parentId", unknown()))?;
    }
    let row = category::ActiveModel {
        id: Set(txn.new_id()),
        name_key: Set(name_key(&name)),
        name: Set(name),
        parent_id: Set(parent),
        created_at: Set(txn.now()),
        ..Default::default()
    };
    let row = txn.insert(row).await.map_err(|e| taken(scope, e))?;
    txn.audit(NewAudit::of("inventory.category.create").on("Category", row.id).with("name", row.name.as_str()));
    txn.commit().await?;
    Ok(row)
}

/// Adds a supplier.
pub async fn create_supplier(scope: &Scope, input: NewSupplier) -> Result<supplier::Model> {
    scope.require(Permission::InventoryProductWrite)?;
    let mut refusals = Refusals::default();
    let name = crate::identity::check_text(&input.name, "name", 200, scope.locale(), &mut refusals);
    if input.lead_time_days.is_some_and(|days| !(0..=3650).contains(&days)) {
        refusals.add(Code::OutOfRange, "leadTimeDays", scope.locale().say("lead-time-range", &[]));
    }
    let phone = input.phone.map(|phone| check_phone(&phone, scope.locale(), &mut refusals));
    let email = input.email.map(|email| email.trim().to_owned());
    if let Some(email) = &email {
        check_email(email, scope.locale(), &mut refusals);
    }
    refusals.check()?;
    let txn = scope.begin().await?;
    below_ceiling::<supplier::Entity>(&txn).await?;
    unlike_others::<supplier::Entity>(&txn, supplier::Column::NameKey, &name).await?;
    let row = supplier::ActiveModel {
        id: Set(txn.new_id()),
        name_key: Set(name_key(&name)),
        name: Set(name),
        lead_time_days: Set(input.lead_time_days),
        phone: Set(phone),
        email: Set(email),
        created_at: Set(txn.now()),
        ..Default::default()
    };
    let row = txn.insert(row).await.map_err(|e| taken(scope, e))?;
    txn.audit(NewAudit::of("inventory.supplier.create").on("Supplier", row.id).with("name", row.name.as_str()));
    txn.commit().await?;
    Ok(row)
}

/// Adds a warehouse.
pub async fn create_warehouse(scope: &Scope, name: &str, code: Option<&str>) -> Result<warehouse::Model> {
    scope.require(Permission::InventoryProductWrite)?;
    let mut refusals = Refusals::default();
    let name = crate::identity::check_text(name, "name", 200, scope.locale(), &mut refusals);
    let code = code.map(|code| crate::identity::check_text(code, "code", 32, scope.locale(), &mut refusals));
    refusals.check()?;
    let txn = scope.begin().await?;
    below_ceiling::<warehouse::Entity>(&txn).await?;
    unlike_others::<warehouse::Entity>(&txn, warehouse::Column::NameKey, &name).await?;
    let row = insert_warehouse(&txn, name, code).await.map_err(|e| {
        let message = scope.locale().say("code-taken", &[]);
        if e.duplicates("code") { e.or_refuse_duplicate("code", "code", message) } else { taken(scope, e) }
    })?;
    txn.audit(NewAudit::of("inventory.warehouse.create").on("Warehouse", row.id).with("name", row.name.as_str()));
    txn.commit().await?;
    Ok(row)
}

/// Gives a new organisation its units and first warehouse.
pub(crate) async fn furnish(txn: &TenantTx<'_>) -> Result<()> {
    const UNITS: &[(&str, i32)] = &[("PIECE", 0), ("BOX", 0), ("KG", 3), ("G", 0), ("L", 3), ("ML", 0), ("M", 3), ("BAG", 0)];
    for (code, decimals) in UNITS {
        let name = txn.locale().say(&format!("unit-{}", code.to_lowercase()), &[]);
        let row = unit::ActiveModel {
            id: Set(txn.new_id::<UnitId>()),
            code: Set((*code).to_owned()),
            name: Set(name),
            decimals: Set(*decimals),
            ..Default::default()
        };
        txn.insert(row).await?;
    }
    insert_warehouse(txn, txn.locale().say("warehouse-main", &[]), Some("MAIN".to_owned())).await.map(drop)
}

async fn insert_warehouse(txn: &TenantTx<'_>, name: String, code: Option<String>) -> Result<warehouse::Model> {
    let row = warehouse::ActiveModel {
        id: Set(txn.new_id::<WarehouseId>()),
        name_key: Set(name_key(&name)),
        name: Set(name),
        code: Set(code),
        created_at: Set(txn.now()),
        ..Default::default()
    };
    txn.insert(row).await
}

fn checked_name(scope: &Scope, name: &str) -> Result<String> {
    let mut refusals = Refusals::default();
    let name = crate::identity::check_text(name, "name", 200, scope.locale(), &mut refusals);
    refusals.check()?;
    Ok(name)
}

fn taken(scope: &Scope, error: Error) -> Error {
    error.or_refuse_duplicate("name", "name", scope.locale().say("name-taken", &[]))
}

/// Refuses a name that lists and imports take for another's: « épices » beside « Épices ».
async fn unlike_others<E: TenantScoped>(txn: &TenantTx<'_>, key: E::Column, name: &str) -> Result<()>
where
    E::Model: Send + Sync,
{
    if txn.select::<E>().filter(key.eq(name_key(name))).count().await? > 0 {
        return Err(Error::refuse(Code::AlreadyExists, "name", txn.locale().say("name-taken", &[])));
    }
    Ok(())
}

async fn below_ceiling<E: TenantScoped>(txn: &TenantTx<'_>) -> Result<()>
where
    E::Model: Send + Sync,
{
    if txn.select::<E>().count().await? >= MOST {
        return Err(Error::refuse(Code::LimitReached, "", txn.locale().say("list-full", &[("most", MOST.to_string())])));
    }
    Ok(())
}
