//! What a person says of a rule.

use crate::notifications::Channel;
use entities::alerts::{AlertKind, ServiceLevelDefinition, Severity};
use entities::identity::{MembershipId, RoleId};
use entities::inventory::{CategoryId, ProductId, WarehouseId};

/// A definition of the service level that cannot be worked out from movements of stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsupported;

/// A rule in the making; decimals as people type them.
#[derive(Clone, Debug)]
pub struct NewRule {
    pub kind: AlertKind,
    pub enabled: bool,
    /// None: critical for a stock-out, else a warning.
    pub severity: Option<Severity>,
    pub per_warehouse: bool,
    pub product: Option<ProductId>,
    pub category: Option<CategoryId>,
    /// A rule for a warehouse looks at that warehouse, whatever `per_warehouse` says.
    pub warehouse: Option<WarehouseId>,
    pub threshold: Option<String>,
    pub clear_percent: Option<String>,
    pub service_level: Option<Result<ServiceLevelDefinition, Unsupported>>,
    pub target: Option<String>,
    pub window_days: Option<i32>,
    pub minimum_lines: Option<i32>,
    pub pending_for_minutes: i32,
    pub keep_for_minutes: i32,
    pub repeat_every_minutes: i32,
    pub channels: Option<Vec<Channel>>,
    pub recipients: Option<Vec<MembershipId>>,
    pub roles: Option<Vec<RoleId>>,
}

impl NewRule {
    pub fn of(kind: AlertKind) -> Self {
        Self {
            kind,
            enabled: true,
            severity: None,
            per_warehouse: false,
            product: None,
            category: None,
            warehouse: None,
            threshold: None,
            clear_percent: None,
            service_level: None,
            target: None,
            window_days: None,
            minimum_lines: None,
            pending_for_minutes: 0,
            keep_for_minutes: 0,
            repeat_every_minutes: 1440,
            channels: None,
            recipients: None,
            roles: None,
        }
    }
}

/// A change of a rule; outer none: untouched, inner none: back to its default.
#[derive(Clone, Debug, Default)]
pub struct RuleChange {
    pub expected_version: Option<i64>,
    pub enabled: Option<bool>,
    pub severity: Option<Severity>,
    pub per_warehouse: Option<bool>,
    pub threshold: Option<Option<String>>,
    pub clear_percent: Option<Option<String>>,
    pub service_level: Option<Result<ServiceLevelDefinition, Unsupported>>,
    pub target: Option<String>,
    pub window_days: Option<i32>,
    pub minimum_lines: Option<i32>,
    pub pending_for_minutes: Option<i32>,
    pub keep_for_minutes: Option<i32>,
    pub repeat_every_minutes: Option<i32>,
    pub channels: Option<Vec<Channel>>,
    pub recipients: Option<Vec<MembershipId>>,
    pub roles: Option<Vec<RoleId>>,
}
