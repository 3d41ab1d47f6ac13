//! Why an alert is there, in the reader's language: what, how much, against which threshold, for how long, since when.

use super::read::{self, Cover};
use crate::identity::organizations;
use crate::inventory::{catalog, quantity};
use crate::locale::Locale;
use crate::{Result, Scope};
use chrono_tz::Tz;
use entities::alerts::{AlertId, AlertKind, AlertResolution, AlertState, ServiceLevelDefinition, alert};
use entities::inventory::{WarehouseId, warehouse};
use entities::{Quantity, Timestamp};
use sea_orm::ActiveEnum;
use std::collections::HashMap;
use std::str::FromStr;

/// What an explanation speaks of besides the alert itself.
pub struct Surroundings<'a> {
    pub product: &'a str,
    /// The code of its unit.
    pub unit: &'a str,
    /// None: all warehouses together.
    pub warehouse: Option<&'a str>,
    pub cover: Option<Cover>,
    pub zone: Tz,
}

/// The explanations of these alerts.
pub async fn all(scope: &Scope, alerts: &[alert::Model]) -> Result<HashMap<AlertId, String>> {
    let zone = Tz::from_str(&organizations::get(scope).await?.time_zone).unwrap_or(Tz::UTC);
    let products = read::products_of(scope, alerts).await?;
    let warehouses: Vec<WarehouseId> = alerts.iter().map(|a| a.warehouse_id).filter(|id| *id != WarehouseId::NIL).collect();
    let warehouses = catalog::by_ids::<warehouse::Entity>(scope, &warehouses).await?;
    let covers = read::covers(scope, alerts).await?;
    let one = |alert: &alert::Model| {
        let product = products.get(&alert.product_id);
        let around = Surroundings {
            product: product.map_or("?", |product| &product.name),
            unit: product.map_or("", |product| &product.unit),
            warehouse: warehouses.get(&alert.warehouse_id).map(|warehouse| warehouse.name.as_str()),
            cover: covers.get(&alert.id).copied(),
            zone,
        };
        (alert.id, sentence(scope.locale(), alert, &around))
    };
    Ok(alerts.iter().map(one).collect())
}

/// One alert's explanation.
pub fn sentence(locale: Locale, alert: &alert::Model, around: &Surroundings<'_>) -> String {
    let mut sentences = vec![what(locale, alert, around)];
    if let Some(cover) = around.cover.filter(|cover| cover.tenths_of_days > 0 && alert.state != AlertState::Resolved) {
        let days = quantity::format_scaled(cover.tenths_of_days, 1, false);
        sentences.push(locale.say("explain-cover", &[("days", days), ("pace", cover.pace_days.to_string())]));
    }
    if alert.muted {
        sentences.push(locale.say("explain-muted", &[]));
    }
    if alert.state == AlertState::Pending {
        sentences.push(locale.say("explain-pending", &[]));
    }
    if let (Some(at), Some(resolution)) = (alert.resolved_at, alert.resolution) {
        let key = match resolution {
            AlertResolution::Cleared => "explain-cleared",
            AlertResolution::RuleRemoved => "explain-rule-removed",
            AlertResolution::ProductArchived => "explain-product-archived",
        };
        sentences.push(locale.say(key, &[("at", moment(locale, at, around.zone))]));
    }
    sentences.join(" ")
}

fn what(locale: Locale, alert: &alert::Model, around: &Surroundings<'_>) -> String {
    let subject = match around.warehouse {
        Some(warehouse) => format!("{} ({warehouse})", around.product),
        None => around.product.to_owned(),
    };
    let mut arguments = vec![("subject", subject), ("since", moment(locale, alert.pending_since, around.zone))];
    if alert.kind == AlertKind::ServiceLevelDrop {
        arguments.extend(served(alert));
    } else {
        let amount = |value: Option<i64>| quantity::format(Quantity(value.unwrap_or(0)));
        let available = locale.measure(&amount(alert.value_n), around.unit);
        arguments.extend([("available", available), ("threshold", amount(alert.threshold))]);
    }
    locale.say(key(alert), &arguments)
}

/// What is over is told in the past: what is available now is no shortage.
fn key(alert: &alert::Model) -> &'static str {
    match (alert.kind, alert.state == AlertState::Resolved) {
        (AlertKind::StockOut, false) => "explain-stock-out",
        (AlertKind::StockOut, true) => "explain-stock-out-over",
        (AlertKind::LowStock, false) => "explain-low-stock",
        (AlertKind::LowStock, true) => "explain-low-stock-over",
        (AlertKind::ServiceLevelDrop, false) => "explain-fill-rate",
        (AlertKind::ServiceLevelDrop, true) => "explain-fill-rate-over",
    }
}

/// The service level as it was last judged, by the definition and over the days of then.
fn served(alert: &alert::Model) -> [(&'static str, String); 6] {
    let definition = alert.service_level.map_or_else(String::new, |definition| definition.to_value());
    let by_units = alert.service_level == Some(ServiceLevelDefinition::UnitFillRate);
    let count = |n: i64| if by_units { quantity::format(Quantity(n)) } else { n.to_string() };
    let (served, asked) = (alert.value_n.unwrap_or(0), alert.value_d.unwrap_or(0));
    [
        ("definition", definition),
        ("served", count(served)),
        ("asked", count(asked)),
        ("ratio", percent(served, asked)),
        ("target", quantity::format_scaled(alert.threshold.unwrap_or(0), 2, false)),
        ("days", alert.window_days.unwrap_or(0).to_string()),
    ]
}

/// A share in percent with one decimal, rounded down so that what misses a target never looks as if it met it.
pub(super) fn percent(part: i64, whole: i64) -> String {
    let tenths = i128::from(part) * 1000 / i128::from(whole.max(1));
    quantity::format_scaled(i64::try_from(tenths).unwrap_or(0), 1, false)
}

fn moment(locale: Locale, at: Timestamp, zone: Tz) -> String {
    locale.moment(at.to_utc().with_timezone(&zone).naive_local())
}
