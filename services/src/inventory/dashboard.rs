//! The figures of the first screen.

use super::quantity;
use crate::identity::{Permission, organizations};
use crate::{Reads, Result, Scope, sql};
use chrono::TimeDelta;
use entities::{MinorUnits, Quantity, Timestamp};

/// What an organisation's stock looks like now.
#[derive(Clone, Debug)]
pub struct Dashboard {
    pub product_count: i64,
    /// At cost; products without a cost price count for nothing.
    pub on_hand_value: MinorUnits,
    pub currency: String,
    pub stock_out_count: i64,
    pub low_stock_count: i64,
    /// Alerts that have fired and are not resolved.
    pub open_alert_count: i64,
    pub service_level: ServiceLevel,
    /// Of those one may see; none: one may see no movement.
    pub movements_last_30_days: Option<i64>,
    pub units_sold_last_30_days: Quantity,
}

/// A service level with what it was made of; no lines, no ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceLevel {
    pub lines: i64,
    pub full_lines: i64,
    pub window_days: i32,
}

impl ServiceLevel {
    /// The ratio with four decimals, rounded half up; none without lines.
    pub fn ratio(&self) -> Option<String> {
        let scaled = (i128::from(self.full_lines) * 20_000 / i128::from(self.lines).max(1) + 1) / 2;
        (self.lines > 0).then(|| quantity::format_scaled(i64::try_from(scaled).unwrap_or(0), 4, false))
    }
}

#[derive(Default, sea_orm::FromQueryResult)]
struct Products {
    product_count: i64,
    stock_out_count: i64,
    low_stock_count: i64,
    // Thousandths of minor units: ones, millions, and millions of millions.
    value_ones: f64,
    value_millions: f64,
    value_billions: f64,
}

impl Products {
    /// Rounded half away from zero; beyond what can be told, the most that can. Each part is a whole number, and exact as
    /// long as the sum can be told at all.
    fn value(&self) -> MinorUnits {
        let part = |sum: f64, unit: i128| (sum as i128).saturating_mul(unit);
        let parts = [part(self.value_ones, 1), part(self.value_millions, 1_000_000), part(self.value_billions, 1_000_000_000_000)];
        let thousandths = parts.into_iter().fold(0, i128::saturating_add);
        let rounded = thousandths.saturating_add(thousandths.signum() * 500) / 1000;
        MinorUnits(rounded.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Window {
    lines: i64,
    short_lines: i64,
    delivered: i64,
}

const WINDOW: i32 = 30;

/// The dashboard of the active organisation.
pub async fn get(scope: &Scope) -> Result<Dashboard> {
    scope.require(Permission::InventoryStockRead)?;
    let organization = organizations::get(scope).await?;
    let now = scope.now();
    let today = super::movements::day_of(now, &organization.time_zone);
    let products = scope.statement(sql!("dashboard_products.sql")).one::<Products>().await?;
    let products = products.unwrap_or_default();
    let window = scope.statement(sql!("dashboard_window.sql")).bind("after", today - WINDOW).bind("today", today).one::<Window>().await?;
    let window = window.unwrap_or(Window { lines: 0, short_lines: 0, delivered: 0 });
    let since = now.minus(TimeDelta::days(WINDOW.into()));
    let movements = if scope.may(Permission::InventoryStockMovementRead) { Some(movements_since(scope, since).await?) } else { None };
    let open_alert_count = crate::alerts::read::count_open(scope).await?;
    Ok(Dashboard {
        product_count: products.product_count,
        on_hand_value: products.value(),
        currency: organization.currency,
        stock_out_count: products.stock_out_count,
        low_stock_count: products.low_stock_count,
        open_alert_count,
        service_level: ServiceLevel { lines: window.lines, full_lines: window.lines - window.short_lines, window_days: WINDOW },
        movements_last_30_days: movements,
        units_sold_last_30_days: Quantity(window.delivered),
    })
}

async fn movements_since(scope: &Scope, since: Timestamp) -> Result<i64> {
    let within = scope.within(Permission::InventoryStockMovementRead)?;
    let count = scope.statement(sql!("dashboard_movements.sql")).within(within).bind("since", since);
    Ok(count.value().await?.unwrap_or(0))
}
