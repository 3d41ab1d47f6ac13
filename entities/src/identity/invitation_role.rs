use super::{InvitationId, InvitationRoleId, RoleId};
use crate::{TenantId, TenantScoped};
use sea_orm::entity::prelude::*;

/// That whoever accepts an invitation gets a role.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitation_roles")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationRoleId,
    pub invitation_id: InvitationId,
    pub role_id: RoleId,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = InvitationRoleId;
}
