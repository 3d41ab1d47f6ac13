use super::{AlertRuleId, AlertRuleRecipientId};
use crate::identity::{MembershipId, RoleId};
use crate::{TenantId, TenantScoped};
use sea_orm::entity::prelude::*;

/// Someone a rule tells: a member, or everyone with a role.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alert_rule_recipients")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AlertRuleRecipientId,
    pub rule_id: AlertRuleId,
    pub membership_id: Option<MembershipId>,
    pub role_id: Option<RoleId>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = AlertRuleRecipientId;
}
