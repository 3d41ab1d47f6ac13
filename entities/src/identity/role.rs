use super::RoleId;
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// A named set of permissions inside one organisation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "roles")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RoleId,
    /// Which shipped role this is; its permissions then come with the product, so that new ones reach it. None: the organisation's own.
    pub key: Option<String>,
    pub name: String,
    pub version: i64,
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = RoleId;
}
