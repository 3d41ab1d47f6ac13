use super::TeamId;
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// People who work together, below another team or at the top.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "teams")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TeamId,
    pub parent_id: Option<TeamId>,
    pub name: String,
    /// The name as it is put in order: folded.
    pub name_key: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = TeamId;
}
