//! Products as rows describe them.

use super::names::{Named, Nameless, Names};
use super::rows::{ProductRow, Setup};
use crate::inventory::products::{Checked, ProductChange};
use crate::inventory::search::folded;
use crate::scope::{Column, TenantTx};
use crate::{Code, Error, Reads, Refusal, Refusals, Result, sql};
use entities::inventory::{CategoryId, ProductId, SupplierId, UnitId, product};
use entities::{TenantId, Timestamp};
use migration::folding::name_key;
use uuid::Uuid;

/// The fields of a row, read and found good.
pub(super) struct Draft {
    checked: Checked,
    category: Option<Named<CategoryId>>,
    supplier: Option<Named<SupplierId>>,
    pub unit: Option<(UnitId, i32)>,
}

impl Draft {
    /// Reads a row, or refuses it; a `new` product without a name is named by its SKU where the row is a movement.
    pub(super) fn of(
        row: &ProductRow,
        name: Option<String>,
        names: &Names,
        setup: &Setup,
        add: bool,
        new_id: impl Fn() -> Uuid,
    ) -> Result<Self> {
        let change = ProductChange {
            sku: Some(row.sku.clone()),
            name,
            description: row.description.clone().map(Some),
            barcode: row.barcode.clone().map(Some),
            cost_price: row.cost_price.clone().map(Some),
            sale_price: row.sale_price.clone().map(Some),
            reorder_point: row.reorder_point.clone().map(Some),
            ..ProductChange::default()
        };
        let checked = Checked::of(setup.locale, change, &setup.currency)?;
        let nameless = |why: Nameless, path: &str, key: &str, name: &Option<String>| match why {
            Nameless::Unknown => Error::refuse(Code::NotFound, path, setup.locale.say(key, &[("name", name.clone().unwrap_or_default())])),
            Nameless::Full => {
                let most = [("most", crate::inventory::catalog::MOST.to_string())];
                Error::refuse(Code::LimitReached, path, setup.locale.say("list-full", &most))
            }
        };
        let category = row.category.as_ref().map(|name| names.categories.name(name, add, &new_id)).transpose();
        let supplier = row.supplier.as_ref().map(|name| names.suppliers.name(name, add, &new_id)).transpose();
        let unit = row.unit.as_ref().map(|code| names.units.get(&code.to_uppercase()).copied().ok_or(Nameless::Unknown)).transpose();
        Ok(Self {
            checked,
            category: category.map_err(|why| nameless(why, "categoryId", "import-category-unknown", &row.category))?,
            supplier: supplier.map_err(|why| nameless(why, "supplierId", "import-supplier-unknown", &row.supplier))?,
            unit: unit.map_err(|why| nameless(why, "unitId", "import-unit-unknown", &row.unit))?,
        })
    }

    /// Refuses quantities finer than the unit of its product: this draft's, else the one it has or will have.
    pub(super) fn check_fit(&self, known: Option<&product::Model>, names: &Names, setup: &Setup) -> Result<()> {
        let of_known = |known: &product::Model| names.units.values().find(|(id, _)| *id == known.unit_id).map(|(_, decimals)| *decimals);
        let decimals = match (self.unit, known.and_then(of_known)) {
            (None, Some(decimals)) => decimals,
            _ => self.decimals(names),
        };
        let mut refusals = Refusals::default();
        self.checked.check_fit(decimals, setup.locale, &mut refusals);
        refusals.check()
    }

    /// Whether the product would keep a threshold finer than its new unit.
    pub(super) fn keeps_finer(&self, known: &product::Model, decimals: i32) -> bool {
        self.checked.keeps_finer(known, decimals)
    }

    /// The decimals of the unit a new product of this draft has.
    pub(super) fn decimals(&self, names: &Names) -> i32 {
        self.unit.or_else(|| names.units.get("PIECE").copied()).map_or(0, |(_, decimals)| decimals)
    }

    /// A new product; keeps the names it brings.
    pub(super) fn product(self, id: ProductId, tenant: TenantId, names: &mut Names, now: Timestamp) -> Result<product::Model> {
        let unit = self.unit.or_else(|| names.units.get("PIECE").copied());
        let (unit_id, _) = unit.ok_or_else(|| Error::internal("the organisation has no unit PIECE"))?;
        let mut row = product::Model {
            tenant_id: tenant,
            id,
            version: 1,
            sku: self.checked.change.sku.clone().unwrap_or_default(),
            name: String::new(),
            name_key: String::new(),
            description: None,
            barcode: None,
            category_id: None,
            supplier_id: None,
            unit_id,
            cost_price: None,
            sale_price: None,
            reorder_point: None,
            safety_stock: None,
            lead_time_days: None,
            archived_at: None,
            search: String::new(),
            created_at: now,
            updated_at: now,
        };
        self.apply(&mut row, names);
        Ok(row)
    }

    /// Writes the draft over a product and says whether that changed it; keeps the names it brings.
    pub(super) fn apply(self, row: &mut product::Model, names: &mut Names) -> bool {
        let before = row.clone();
        let change = self.checked.change;
        fn set<T>(into: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *into = value;
            }
        }
        set(&mut row.name, change.name);
        set(&mut row.description, change.description);
        set(&mut row.barcode, change.barcode);
        set(&mut row.cost_price, self.checked.cost_price);
        set(&mut row.sale_price, self.checked.sale_price);
        set(&mut row.reorder_point, self.checked.reorder_point);
        set(&mut row.unit_id, self.unit.map(|(id, _)| id));
        set(&mut row.category_id, self.category.map(|named| Some(names.categories.adopt(named))));
        set(&mut row.supplier_id, self.supplier.map(|named| Some(names.suppliers.adopt(named))));
        *row != before
    }
}

/// The refusals of an error that is one; our own faults go on.
pub(super) fn refusals(error: Error) -> Result<Vec<Refusal>> {
    match error {
        Error::Refused(refusals) => Ok(refusals),
        other => Err(other),
    }
}

fn columns(rows: &[product::Model]) -> Vec<Column> {
    vec![
        Column::uuids(rows.iter().map(|row| row.id)),
        Column::texts(rows.iter().map(|row| row.sku.clone())),
        Column::texts(rows.iter().map(|row| row.name.clone())),
        Column::texts(rows.iter().map(|row| name_key(&row.name))),
        Column::maybe_texts(rows.iter().map(|row| row.description.clone())),
        Column::maybe_texts(rows.iter().map(|row| row.barcode.clone())),
        Column::maybe_uuids(rows.iter().map(|row| row.category_id)),
        Column::maybe_uuids(rows.iter().map(|row| row.supplier_id)),
        Column::uuids(rows.iter().map(|row| row.unit_id)),
        Column::maybe_ints(rows.iter().map(|row| row.cost_price.map(|amount| amount.0))),
        Column::maybe_ints(rows.iter().map(|row| row.sale_price.map(|amount| amount.0))),
        Column::maybe_ints(rows.iter().map(|row| row.reorder_point.map(|quantity| quantity.0))),
        Column::texts(rows.iter().map(|row| folded(&row.sku, &row.name, row.barcode.as_deref()))),
    ]
}

/// Writes new products. A conflict when one of the SKUs was taken in the meantime.
pub(super) async fn insert(txn: &TenantTx<'_>, rows: &[product::Model]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let written = txn.statement(sql!("insert_products.sql")).rows("r", columns(rows)).bind("now", txn.now()).run().await?;
    if written == rows.len() as u64 { Ok(()) } else { Err(Error::Conflict) }
}

/// Writes products that changed; they are locked.
pub(super) async fn update(txn: &TenantTx<'_>, rows: &[product::Model]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    txn.statement(sql!("update_products.sql")).rows("r", columns(rows)).bind("now", txn.now()).run().await.map(drop)
}
