use super::WarehouseId;
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// A place stock is held.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "warehouses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WarehouseId,
    pub name: String,
    /// The name as it is put in order: folded.
    pub name_key: String,
    pub code: Option<String>,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = WarehouseId;
}
