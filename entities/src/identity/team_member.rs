use super::{MembershipId, TeamId, TeamMemberId};
use crate::{TenantId, TenantScoped};
use sea_orm::entity::prelude::*;

/// That a member belongs to a team; the id sorts by when.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team_members")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TeamMemberId,
    pub team_id: TeamId,
    pub membership_id: MembershipId,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = TeamMemberId;
}
