use crate::{TenantId, Timestamp};
use sea_orm::entity::prelude::*;

/// A firm, school or organiser: the tenant all its rows belong to.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organizations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TenantId,
    pub version: i64,
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    pub locale: String,
    pub time_zone: String,
    pub negative_stock_policy: NegativeStockPolicy,
    /// The codes of the modules it does without, joined by commas.
    pub modules_off: String,
    /// What it asks of who comes in, as JSON; empty: what everybody is asked.
    pub policies: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What happens when a movement would take stock below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum NegativeStockPolicy {
    /// Refuse the movement.
    #[sea_orm(string_value = "FORBID")]
    Forbid,
    /// Record it and say so.
    #[sea_orm(string_value = "WARN")]
    Warn,
    /// Record it.
    #[sea_orm(string_value = "ALLOW")]
    Allow,
}

impl ActiveModelBehavior for ActiveModel {}
