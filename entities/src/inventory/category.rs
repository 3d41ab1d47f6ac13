use super::CategoryId;
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// A heading products are sorted under.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "categories")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CategoryId,
    pub name: String,
    /// The name as it is put in order: folded.
    pub name_key: String,
    pub parent_id: Option<CategoryId>,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = CategoryId;
}
