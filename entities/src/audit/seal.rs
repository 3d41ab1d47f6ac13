use super::AuditEventId;
use crate::{TenantId, TenantScoped};
use sea_orm::entity::prelude::*;

/// One link of an organisation's chain: an event, bound to all before it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_seals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// From 1, without a gap.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub event_id: AuditEventId,
    /// The hash of the link before; of the first, zeros.
    pub prev_hash: Vec<u8>,
    /// SHA-256 of the hash before and of the event.
    pub hash: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Seq;
    type Id = i64;
}
