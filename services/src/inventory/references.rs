//! What the products of a page refer to: their categories, suppliers and units, in one statement.

use crate::identity::Permission;
use crate::{Error, Reads, Result, Scope, sql};
use entities::Timestamp;
use entities::inventory::{CategoryId, SupplierId, UnitId, category, product, supplier, unit};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// The ids that products refer to, each once.
#[derive(Clone, Debug, Default)]
pub struct References {
    categories: BTreeSet<CategoryId>,
    suppliers: BTreeSet<SupplierId>,
    units: BTreeSet<UnitId>,
}

/// The rows behind them; those of another organisation are not there.
#[derive(Clone, Debug, Default)]
pub struct Referred {
    pub categories: HashMap<CategoryId, category::Model>,
    pub suppliers: HashMap<SupplierId, supplier::Model>,
    pub units: HashMap<UnitId, unit::Model>,
}

/// One of them, as the statement tells all three kinds.
#[derive(sea_orm::FromQueryResult)]
struct Row {
    kind: String,
    id: Uuid,
    name: String,
    name_key: Option<String>,
    parent_id: Option<CategoryId>,
    created_at: Option<Timestamp>,
    code: Option<String>,
    /// A supplier's lead time, a unit's decimals.
    number: Option<i32>,
    phone: Option<String>,
    email: Option<String>,
}

impl References {
    pub fn of<'a>(products: impl Iterator<Item = &'a product::Model>) -> Self {
        let mut all = Self::default();
        for product in products {
            all.categories.extend(product.category_id);
            all.suppliers.extend(product.supplier_id);
            all.units.insert(product.unit_id);
        }
        all
    }

    /// Reads them all.
    pub async fn read(&self, scope: &Scope) -> Result<Referred> {
        scope.require(Permission::InventoryProductRead)?;
        let rows = scope.statement(sql!("references.sql")).ids("categories", self.categories.iter().copied());
        let rows = rows.ids("suppliers", self.suppliers.iter().copied()).ids("units", self.units.iter().copied());
        let mut referred = Referred::default();
        for row in rows.all::<Row>().await? {
            referred.add(row, scope.tenant())?;
        }
        Ok(referred)
    }
}

impl Referred {
    fn add(&mut self, row: Row, tenant_id: entities::TenantId) -> Result<()> {
        let lacking = || Error::internal("a row without what its table requires");
        let Row { kind, id, name, name_key, parent_id, created_at, code, number, phone, email } = row;
        match kind.as_str() {
            "CATEGORY" => {
                let (created_at, name_key) = (created_at.ok_or_else(lacking)?, name_key.ok_or_else(lacking)?);
                let row = category::Model { tenant_id, id: id.into(), name, name_key, parent_id, created_at };
                self.categories.insert(row.id, row);
            }
            "SUPPLIER" => {
                let (created_at, name_key) = (created_at.ok_or_else(lacking)?, name_key.ok_or_else(lacking)?);
                let row = supplier::Model { tenant_id, id: id.into(), name, name_key, lead_time_days: number, phone, email, created_at };
                self.suppliers.insert(row.id, row);
            }
            _ => {
                let (code, decimals) = (code.ok_or_else(lacking)?, number.ok_or_else(lacking)?);
                let row = unit::Model { tenant_id, id: id.into(), code, name, decimals };
                self.units.insert(row.id, row);
            }
        }
        Ok(())
    }
}
