use super::{CategoryId, ProductId, SupplierId, UnitId};
use crate::{MinorUnits, Quantity, TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// Something an organisation stocks.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProductId,
    pub version: i64,
    /// Unique in the organisation.
    pub sku: String,
    pub name: String,
    /// The name as it is put in order: folded.
    pub name_key: String,
    pub description: Option<String>,
    pub barcode: Option<String>,
    pub category_id: Option<CategoryId>,
    pub supplier_id: Option<SupplierId>,
    pub unit_id: UnitId,
    pub cost_price: Option<MinorUnits>,
    pub sale_price: Option<MinorUnits>,
    pub reorder_point: Option<Quantity>,
    pub safety_stock: Option<Quantity>,
    pub lead_time_days: Option<i32>,
    pub archived_at: Option<Timestamp>,
    /// SKU, name and barcode as they are searched in: folded, a line each.
    pub search: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = ProductId;
}
