use super::{AlertId, AlertRuleId, ServiceLevelDefinition};
use crate::identity::MembershipId;
use crate::inventory::{ProductId, WarehouseId};
use crate::{TenantId, TenantScoped, Timestamp};
use sea_orm::entity::prelude::*;

/// That a rule's condition holds, or held, for a product in all warehouses or in one.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alerts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AlertId,
    pub version: i64,
    pub product_id: ProductId,
    /// Nil: all warehouses together.
    pub warehouse_id: WarehouseId,
    pub kind: AlertKind,
    pub state: AlertState,
    pub severity: Severity,
    /// The rule may be gone.
    pub rule_id: AlertRuleId,
    pub rule_version: i64,
    /// Available, or what was served well in the window.
    pub value_n: Option<i64>,
    /// Out of how much, for a service level.
    pub value_d: Option<i64>,
    /// In thousandths of the unit, or the target in ten-thousandths.
    pub threshold: Option<i64>,
    /// By which service level it was last judged; none: of another kind, or the rule was gone before this was kept.
    pub service_level: Option<ServiceLevelDefinition>,
    /// Over how many days.
    pub window_days: Option<i64>,
    pub pending_since: Timestamp,
    /// While pending: since when.
    pub fired_at: Timestamp,
    pub clear_since: Option<Timestamp>,
    /// Until when an acknowledged or snoozed alert keeps quiet; none: until it resolves.
    pub quiet_until: Option<Timestamp>,
    /// A low stock while the stock-out of the same subject is open.
    pub muted: bool,
    pub notified_at: Option<Timestamp>,
    pub acknowledged_at: Option<Timestamp>,
    pub acknowledged_by: Option<MembershipId>,
    pub resolved_at: Option<Timestamp>,
    pub resolution: Option<AlertResolution>,
    /// When time alone may change it.
    pub next_check_at: Option<Timestamp>,
    /// The alert this one re-fires.
    pub previous_id: Option<AlertId>,
    /// The evaluation that wrote it last; a person's change leaves it, and so asks for the next one.
    pub last_run: Uuid,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlertKind {
    /// Nothing available.
    StockOut,
    /// At or below the threshold.
    LowStock,
    /// Too few orders served in full.
    ServiceLevelDrop,
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlertState {
    /// The condition holds, but not for long enough yet.
    Pending,
    Firing,
    Acknowledged,
    Snoozed,
    Resolved,
}

impl AlertState {
    /// Fired and not resolved.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Firing | Self::Acknowledged | Self::Snoozed)
    }
}

/// Why an alert is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlertResolution {
    Cleared,
    RuleRemoved,
    ProductArchived,
}

/// How bad it is; ordered, so that lists can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum Severity {
    Info = 1,
    Warning = 2,
    Critical = 3,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantScoped for Entity {
    const TENANT: Column = Column::TenantId;
    const ID: Column = Column::Id;
    type Id = AlertId;
}
