use super::{RoleGrantId, RoleId};
use crate::{TenantId, TenantScoped};
use sea_orm::entity::prelude::*;

/// One permission of an organisation's own role, and how far it reaches.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role_grants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RoleGrantId,
    pub role_id: RoleId,
    /// `domain.noun.verb`.
    pub permission: String,
    /// OWN, TEAM or ORG.
    pub reach: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = RoleGrantId;
}
