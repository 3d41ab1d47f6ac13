use super::rule::AlertGranularity;
use super::types::{AlertSeverity, StockAlertKind, StockAlertState};
use crate::ids::GlobalId;
use crate::inventory::inputs::{SortDirection, touched};
use crate::inventory::query::ServiceLevelDefinition;
use crate::notifications::types::NotificationChannel;
use crate::scalars::{DateTime, Decimal};
use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entities::alerts::rule::ServiceLevelDefinition as Definition;
use services::alerts::read::{AlertFilter, AlertOrder};
use services::alerts::rules::{NewRule, RuleChange, Unsupported};

/// Which alerts a list shows; all conditions hold. A list has at most 100 entries.
#[derive(InputObject, Default)]
pub struct StockAlertFilter {
    /// Fired and not resolved, or not so.
    open: Option<bool>,
    /// Kept quiet by an open stock-out, or not.
    muted: Option<bool>,
    /// Standing in one of these ways.
    state: Option<Vec<StockAlertState>>,
    /// Of one of these kinds.
    kind: Option<Vec<StockAlertKind>>,
    /// This bad.
    severity: Option<Vec<AlertSeverity>>,
    /// Of one of these products.
    product_ids: Option<Vec<ID>>,
    /// Of one of these warehouses; alerts over all warehouses are of none.
    warehouse_ids: Option<Vec<ID>>,
    /// Fired later than this.
    fired_after: Option<DateTime>,
    /// Fired earlier than this.
    fired_before: Option<DateTime>,
}

impl From<StockAlertFilter> for AlertFilter {
    fn from(filter: StockAlertFilter) -> Self {
        Self {
            open: filter.open,
            muted: filter.muted,
            states: filter.state.map(|all| all.into_iter().map(Into::into).collect()),
            kinds: filter.kind.map(|all| all.into_iter().map(Into::into).collect()),
            severities: filter.severity.map(|all| all.into_iter().map(Into::into).collect()),
            products: filter.product_ids.map(|ids| GlobalId::of_globals(&ids)),
            warehouses: filter.warehouse_ids.map(|ids| GlobalId::of_globals(&ids)),
            fired_after: filter.fired_after.map(|at| at.0),
            fired_before: filter.fired_before.map(|at| at.0),
        }
    }
}

/// One column of a list's order, which has at most five.
#[derive(InputObject)]
pub struct StockAlertSort {
    /// The column.
    field: StockAlertSortField,
    /// Which way.
    #[graphql(default_with = "SortDirection::Desc")]
    direction: SortDirection,
}

impl StockAlertSort {
    pub fn order(all: Option<Vec<Self>>) -> Vec<(AlertOrder, bool)> {
        all.unwrap_or_default().into_iter().map(|sort| (sort.field.into(), sort.direction == SortDirection::Desc)).collect()
    }
}

/// What alerts can be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "AlertOrder")]
pub enum StockAlertSortField {
    /// When it fired; a pending one, since when it is.
    FiredAt,
    /// How bad it is.
    Severity,
}

/// A new rule. Without product, category and warehouse it speaks of the whole organisation; without recipients it tells the owners.
#[derive(InputObject)]
pub struct StockAlertRuleCreateInput {
    /// What to watch for.
    kind: StockAlertKind,
    /// One that is not is as if absent.
    #[graphql(default = true)]
    enabled: bool,
    /// Critical for a stock-out, else a warning, when absent.
    severity: Option<AlertSeverity>,
    /// The sum of all warehouses, or each of them; a rule for a warehouse looks at that warehouse.
    #[graphql(default_with = "AlertGranularity::Product")]
    granularity: AlertGranularity,
    /// For this product.
    product_id: Option<ID>,
    /// For this category, not the ones below it.
    category_id: Option<ID>,
    /// For this warehouse.
    warehouse_id: Option<ID>,
    /// Of a low stock; the product's reorder point when absent.
    threshold: Option<Decimal>,
    /// How far above the threshold an open alert clears; 10 for a low stock, else 0, when absent.
    clear_percent: Option<Decimal>,
    /// By which definition; lines delivered complete, or units delivered.
    service_level_definition: Option<ServiceLevelDefinition>,
    /// Of a service level, such as 0.90.
    service_level_target: Option<Decimal>,
    /// Local days, today included; 30 when absent.
    window_days: Option<i32>,
    /// With fewer lines there is no data; 20 when absent.
    minimum_lines: Option<i32>,
    /// How long the condition holds before it fires.
    #[graphql(default = 0)]
    pending_for_minutes: i32,
    /// How long it stays clear before it resolves.
    #[graphql(default = 0)]
    keep_firing_for_minutes: i32,
    /// How often people are told while it fires; 0: once, else 15 at least.
    #[graphql(default = 1440)]
    repeat_every_minutes: i32,
    /// In the application, by e-mail and over WhatsApp when absent; at least one. Without IN_APP nothing of it is in the
    /// application's list.
    channels: Option<Vec<NotificationChannel>>,
    /// Members told by name. With neither these nor roles the owners are told, whether the lists are absent or empty.
    recipient_ids: Option<Vec<ID>>,
    /// Roles whose holders are told.
    recipient_role_ids: Option<Vec<ID>>,
}

/// Lines or units; the other definitions need more than stock knows.
fn definition(wanted: ServiceLevelDefinition) -> Result<Definition, Unsupported> {
    match wanted {
        ServiceLevelDefinition::LineFillRate => Ok(Definition::LineFillRate),
        ServiceLevelDefinition::UnitFillRate => Ok(Definition::UnitFillRate),
        _ => Err(Unsupported),
    }
}

impl From<StockAlertRuleCreateInput> for NewRule {
    fn from(input: StockAlertRuleCreateInput) -> Self {
        Self {
            enabled: input.enabled,
            severity: input.severity.map(Into::into),
            per_warehouse: input.granularity.per_warehouse(),
            product: input.product_id.as_ref().map(GlobalId::of_global),
            category: input.category_id.as_ref().map(GlobalId::of_global),
            warehouse: input.warehouse_id.as_ref().map(GlobalId::of_global),
            threshold: input.threshold.map(|number| number.0),
            clear_percent: input.clear_percent.map(|number| number.0),
            service_level: input.service_level_definition.map(definition),
            target: input.service_level_target.map(|number| number.0),
            window_days: input.window_days,
            minimum_lines: input.minimum_lines,
            pending_for_minutes: input.pending_for_minutes,
            keep_for_minutes: input.keep_firing_for_minutes,
            repeat_every_minutes: input.repeat_every_minutes,
            channels: input.channels.map(|all| all.into_iter().map(Into::into).collect()),
            recipients: input.recipient_ids.map(|ids| GlobalId::of_globals(&ids)),
            roles: input.recipient_role_ids.map(|ids| GlobalId::of_globals(&ids)),
            ..Self::of(input.kind.into())
        }
    }
}

/// A change of a rule; absent = untouched. Its open alerts go on under it, their timers anew.
#[derive(InputObject)]
pub struct StockAlertRuleUpdateInput {
    /// The rule.
    pub id: ID,
    /// Refuses the change when the rule is at another version by now.
    expected_version: Option<i32>,
    /// One that is not is as if absent.
    enabled: Option<bool>,
    /// How bad what it finds is.
    severity: Option<AlertSeverity>,
    /// The sum of all warehouses, or each of them.
    granularity: Option<AlertGranularity>,
    /// Of a low stock; null: the product's reorder point.
    threshold: MaybeUndefined<Decimal>,
    /// How far above the threshold an open alert clears; null: as for a new rule.
    clear_percent: MaybeUndefined<Decimal>,
    /// By which definition.
    service_level_definition: Option<ServiceLevelDefinition>,
    /// Of a service level.
    service_level_target: Option<Decimal>,
    /// Local days, today included.
    window_days: Option<i32>,
    /// With fewer lines there is no data.
    minimum_lines: Option<i32>,
    /// How long the condition holds before it fires.
    pending_for_minutes: Option<i32>,
    /// How long it stays clear before it resolves.
    keep_firing_for_minutes: Option<i32>,
    /// How often people are told while it fires; 0: once, else 15 at least.
    repeat_every_minutes: Option<i32>,
    /// How people are told; at least one.
    channels: Option<Vec<NotificationChannel>>,
    /// Members told by name; replaces the list. A rule left with neither these nor roles tells the owners.
    recipient_ids: Option<Vec<ID>>,
    /// Roles whose holders are told; replaces the list.
    recipient_role_ids: Option<Vec<ID>>,
}

impl From<StockAlertRuleUpdateInput> for RuleChange {
    fn from(input: StockAlertRuleUpdateInput) -> Self {
        Self {
            expected_version: input.expected_version.map(Into::into),
            enabled: input.enabled,
            severity: input.severity.map(Into::into),
            per_warehouse: input.granularity.map(AlertGranularity::per_warehouse),
            threshold: touched(input.threshold).map(|number| number.map(|number| number.0)),
            clear_percent: touched(input.clear_percent).map(|number| number.map(|number| number.0)),
            service_level: input.service_level_definition.map(definition),
            target: input.service_level_target.map(|number| number.0),
            window_days: input.window_days,
            minimum_lines: input.minimum_lines,
            pending_for_minutes: input.pending_for_minutes,
            keep_for_minutes: input.keep_firing_for_minutes,
            repeat_every_minutes: input.repeat_every_minutes,
            channels: input.channels.map(|all| all.into_iter().map(Into::into).collect()),
            recipients: input.recipient_ids.map(|ids| GlobalId::of_globals(&ids)),
            roles: input.recipient_role_ids.map(|ids| GlobalId::of_globals(&ids)),
        }
    }
}
