use super::{ProductId, StockLevelId, WarehouseId};
use crate::{Quantity, TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// How much of a product one warehouse holds: the running sum of its movements.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stock_levels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StockLevelId,
    pub product_id: ProductId,
    pub warehouse_id: WarehouseId,
    pub on_hand: Quantity,
    pub reserved: Quantity,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = StockLevelId;
}
