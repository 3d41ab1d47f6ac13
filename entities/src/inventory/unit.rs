use super::UnitId;
use crate::{TenantId, TenantScoped};
use sea_orm::entity::prelude::*;

/// What a product is counted in.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "units")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UnitId,
    /// Upper case, such as PIECE or KG.
    pub code: String,
    pub name: String,
    /// How many decimals a quantity may have, 0 to 3.
    pub decimals: i32,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = UnitId;
}
