use super::{AlertKind, AlertRuleId, Severity};
use crate::inventory::{CategoryId, ProductId, WarehouseId};
use crate::{Quantity, TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// What stock is watched for, and who is told.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alert_rules")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AlertRuleId,
    pub version: i64,
    pub kind: AlertKind,
    pub enabled: bool,
    pub severity: Severity,
    /// Whether it looks at each warehouse, rather than at their sum.
    pub per_warehouse: bool,
    pub product_id: Option<ProductId>,
    pub category_id: Option<CategoryId>,
    pub warehouse_id: Option<WarehouseId>,
    /// Of a low stock; none: the product's reorder point.
    pub threshold: Option<Quantity>,
    /// Ten-thousandths beyond the threshold (of it) or the target (added to it) at which an open alert clears.
    pub clear_margin: i64,
    pub service_level: Option<ServiceLevelDefinition>,
    /// Ten-thousandths.
    pub target: Option<i64>,
    pub window_days: Option<i64>,
    pub minimum_lines: Option<i64>,
    /// Microseconds the condition holds before it fires.
    pub pending_for: i64,
    /// Microseconds it stays clear before it resolves.
    pub keep_for: i64,
    /// Microseconds between two notices; 0: never again.
    pub repeat_every: i64,
    /// Names, separated by commas.
    pub channels: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Which of the field's many service levels is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ServiceLevelDefinition {
    /// Lines delivered complete / lines.
    LineFillRate,
    /// Units delivered / units ordered.
    UnitFillRate,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = AlertRuleId;
}
