use super::{MembershipId, MembershipRoleId, RoleId};
use crate::{TenantId, TenantScoped};
use sea_orm::entity::prelude::*;

/// That a member holds a role; roles add up.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "membership_roles")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MembershipRoleId,
    pub membership_id: MembershipId,
    pub role_id: RoleId,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = MembershipRoleId;
}
