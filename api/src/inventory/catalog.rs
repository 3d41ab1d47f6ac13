use crate::context::Ask;
use crate::error::Result;
use crate::ids::GlobalId;
use crate::shared::{Plain, Shared};
use crate::together::Together;
use async_graphql::{Context, ID, Object, SimpleObject};
use entities::inventory::{CategoryId, SupplierId, UnitId, WarehouseId, category, supplier, unit, warehouse};
use services::Scope;
use services::inventory::catalog;
use services::page::Page;
use std::collections::HashMap;
use std::sync::Arc;

/// What a product is counted in.
#[derive(SimpleObject, Clone)]
#[graphql(complex, crate = "crate::in_place::gql")]
pub struct Unit {
    #[graphql(skip)]
    pub key: UnitId,
    /// Upper case, such as PIECE or KG.
    pub code: String,
    /// For people.
    pub name: String,
    /// How many decimals a quantity may have, 0 to 3.
    pub decimals: i32,
}

impl From<unit::Model> for Unit {
    fn from(row: unit::Model) -> Self {
        Self { key: row.id, code: row.code, name: row.name, decimals: row.decimals }
    }
}

/// A heading products are sorted under.
#[derive(Clone)]
pub struct Category {
    row: category::Model,
    /// Those that the page's categories stand below.
    parents: Arc<Together<CategoryId, Category>>,
}

impl Category {
    pub fn alone(row: category::Model) -> Self {
        let parents = Arc::new(Together::new(row.parent_id));
        Self { row, parents }
    }
    /// The categories with these ids, for a page of what stands below them.
    pub async fn by_ids(scope: &Scope, ids: &[CategoryId]) -> services::Result<HashMap<CategoryId, Self>> {
        Ok(Self::all(catalog::by_ids::<category::Entity>(scope, ids).await?))
    }
    /// Categories that load those they stand below together.
    pub fn all(rows: HashMap<CategoryId, category::Model>) -> HashMap<CategoryId, Self> {
        let parents = Arc::new(Together::new(rows.values().filter_map(|row| row.parent_id)));
        rows.into_iter().map(|(id, row)| (id, Self { row, parents: parents.clone() })).collect()
    }
    pub fn page(page: Page<category::Model>) -> Page<Self> {
        let parents = Arc::new(Together::new(page.items().filter_map(|row| row.parent_id)));
        page.map(|row| Self { row, parents: parents.clone() })
    }
}

/// A heading products are sorted under.
#[Object(crate = "crate::in_place::gql")]
impl Category {
    /// Opaque.
    pub async fn id(&self) -> ID {
        self.row.id.to_global()
    }
    /// Unique among its siblings.
    async fn name(&self) -> &str {
        &self.row.name
    }
    /// The heading it stands below; null at the top.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Category>> {
        let Some(parent) = self.row.parent_id else { return Ok(None) };
        let scope = ctx.scope()?;
        Ok(self.parents.get(parent, |ids| Category::by_ids(scope, ids)).await?)
    }
}

/// A firm products are bought from.
#[derive(SimpleObject, Clone)]
#[graphql(complex, crate = "crate::in_place::gql")]
pub struct Supplier {
    #[graphql(skip)]
    pub key: SupplierId,
    /// Unique in the organisation.
    pub name: String,
    /// Days from order to delivery, as agreed.
    pub lead_time_days: Option<i32>,
    /// As given.
    pub phone: Option<String>,
    /// As given.
    pub email: Option<String>,
}

impl From<supplier::Model> for Supplier {
    fn from(row: supplier::Model) -> Self {
        Self { key: row.id, name: row.name, lead_time_days: row.lead_time_days, phone: row.phone, email: row.email }
    }
}

/// A place stock is held.
#[derive(SimpleObject, Clone)]
#[graphql(complex, crate = "crate::in_place::gql")]
pub struct Warehouse {
    #[graphql(skip)]
    pub key: WarehouseId,
    /// Unique in the organisation.
    pub name: String,
    /// A short name, unique where given.
    pub code: Option<String>,
}

impl From<warehouse::Model> for Warehouse {
    fn from(row: warehouse::Model) -> Self {
        Self { key: row.id, name: row.name, code: row.code }
    }
}

node_id!(Unit, Supplier, Warehouse);

impl Plain for Unit {}
impl Plain for Supplier {}
impl Plain for Warehouse {}

impl Warehouse {
    /// The warehouses with these ids, for a page of what points at them.
    pub async fn by_ids(scope: &Scope, ids: &[WarehouseId]) -> services::Result<HashMap<WarehouseId, Shared<Self>>> {
        let rows = catalog::by_ids::<warehouse::Entity>(scope, ids).await?;
        Ok(rows.into_iter().map(|(id, row)| (id, Shared::from(Self::from(row)))).collect())
    }
}

connection!(Unit, UnitConnection, UnitEdge, "units");
connection!(Category, CategoryConnection, CategoryEdge, "categories");
connection!(Supplier, SupplierConnection, SupplierEdge, "suppliers");
connection!(Warehouse, WarehouseConnection, WarehouseEdge, "warehouses");
