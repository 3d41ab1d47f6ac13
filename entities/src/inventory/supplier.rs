use super::SupplierId;
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// A firm products are bought from.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "suppliers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SupplierId,
    pub name: String,
    /// The name as it is put in order: folded.
    pub name_key: String,
    pub lead_time_days: Option<i32>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = SupplierId;
}
