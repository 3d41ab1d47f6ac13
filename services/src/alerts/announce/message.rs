//! What a message about alerts says; no database here.

use super::FLOOD;
use crate::alerts::explain::percent;
use crate::inventory::quantity;
use crate::notifications::{Category, Channel, Severity, Subject};
use entities::Quantity;
use entities::alerts::{AlertId, AlertKind, AlertRuleId, Severity as AlertSeverity};
use entities::identity::MembershipId;
use entities::inventory::{ProductId, WarehouseId};
use sea_orm::ActiveEnum;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Alerts that share a message: of one kind, in all warehouses together or in one.
pub(super) type Group = (AlertKind, WarehouseId);

/// What a group has open, of everybody's rules.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Open {
    pub firing: i64,
    /// Firing, acknowledged or snoozed: its trouble is not over.
    pub all: i64,
}

/// People who are to hear the same.
pub(super) struct Inbox {
    pub to: Vec<MembershipId>,
    pub found: Vec<Found>,
}

/// An alert there is something to say about; they come with the worst first.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub id: AlertId,
    pub kind: AlertKind,
    pub warehouse_id: WarehouseId,
    pub product_id: ProductId,
    pub rule: AlertRuleId,
    /// Those of its rule: whatever speaks of it goes over these and no others.
    pub channels: Vec<Channel>,
    pub severity: AlertSeverity,
    /// It has cleared.
    pub over: bool,
    /// People have not been told yet, or have been asked to be told again; else it only repeats itself.
    pub new: bool,
    pub product: String,
    /// The code of the product's unit.
    pub unit: String,
    pub warehouse: Option<String>,
    pub value_n: Option<i64>,
    pub value_d: Option<i64>,
    pub threshold: Option<i64>,
}

/// A message ready to be handed over.
#[derive(Debug)]
pub(super) struct Message {
    pub category: Category,
    pub key: &'static str,
    pub params: Value,
    pub severity: Severity,
    pub subject: Option<Subject>,
    pub channels: Vec<Channel>,
    /// An alert it speaks of.
    pub about: AlertId,
}

/// Products named in a message; the others are counted.
const NAMED: usize = 5;

/// The messages about what was found: one a group, or a single digest when too much is new at once; each apart for every
/// set of channels, so that nothing goes where its rule does not send it.
pub(super) fn messages(found: &[Found], open: &HashMap<Group, Open>) -> Vec<Message> {
    let new: Vec<&Found> = found.iter().filter(|found| found.new).collect();
    let mut all = Vec::new();
    let flood = new.iter().map(|found| found.product_id).collect::<BTreeSet<_>>().len() > FLOOD;
    if flood {
        all.extend(apart(&new, |found| &found.channels).iter().filter_map(|new| digest(new)));
    }
    let mut groups: BTreeMap<Group, Vec<&Found>> = BTreeMap::new();
    for found in found {
        groups.entry((found.kind, found.warehouse_id)).or_default().push(found);
    }
    for (group, found) in groups {
        let open = open.get(&group).copied().unwrap_or_default();
        let new: Vec<&Found> = found.iter().copied().filter(|found| found.new).collect();
        let repeated: Vec<&Found> = found.iter().copied().filter(|found| !found.new && !found.over).collect();
        match (new.is_empty(), repeated.is_empty()) {
            (false, _) if flood => {}
            (false, _) => all.extend(told(&new, open.firing)),
            (true, false) => all.extend(told(&repeated, open.firing)),
            // A smaller set is no news, and in hand is not yet in order; an empty one is.
            (true, true) if open.all == 0 => all.extend(apart(&found, quietly).iter().filter_map(|found| over(found))),
            (true, true) => {}
        }
    }
    all
}

/// Where good news goes: it is worth a line in the application, not a telephone that rings, unless its rule keeps people out
/// of the application and reaches them elsewhere.
fn quietly(found: &Found) -> &[Channel] {
    if found.channels.contains(&Channel::InApp) { &[Channel::InApp] } else { &found.channels }
}

/// The same apart by where it goes, in the same order.
fn apart<'a>(found: &[&'a Found], goes: fn(&Found) -> &[Channel]) -> Vec<Vec<&'a Found>> {
    let mut all: BTreeMap<&[Channel], Vec<&Found>> = BTreeMap::new();
    for found in found {
        all.entry(goes(found)).or_default().push(found);
    }
    all.into_values().collect()
}

/// What a group has to say; what fires besides, and is not told now, is counted.
fn told(named: &[&Found], firing: i64) -> Vec<Message> {
    let still = (firing - named.len() as i64).max(0);
    apart(named, |found| &found.channels).iter().filter_map(|named| alert(named, still)).collect()
}

fn alert(named: &[&Found], still: i64) -> Option<Message> {
    let first = named.first()?;
    let key = match first.kind {
        AlertKind::StockOut => "stock-alert-stock-out",
        AlertKind::LowStock => "stock-alert-low-stock",
        AlertKind::ServiceLevelDrop => "stock-alert-service-level-drop",
    };
    let params = json!({
        "count": named.len().to_string(), "names": names(named), "more": named.len().saturating_sub(NAMED).to_string(),
        "still": still.to_string(), "where": place(first),
    });
    let (category, channels) = (Category::StockAlert, first.channels.clone());
    Some(Message { category, key, params, severity: worst(named), subject: only(named), channels, about: first.id })
}

fn over(found: &[&Found]) -> Option<Message> {
    let first = found.first()?;
    let params = json!({
        "count": found.len().to_string(), "names": names(found), "more": found.len().saturating_sub(NAMED).to_string(),
        "kind": first.kind.to_value(), "where": place(first),
    });
    let (category, key, channels) = (Category::StockAlert, "stock-alert-over", quietly(first).to_vec());
    Some(Message { category, key, params, severity: Severity::Info, subject: only(found), channels, about: first.id })
}

fn digest(new: &[&Found]) -> Option<Message> {
    let first = new.first()?;
    let products = |kind: Option<AlertKind>| {
        let of = new.iter().filter(|found| kind.is_none_or(|kind| kind == found.kind)).map(|found| found.product_id);
        of.collect::<BTreeSet<_>>().len().to_string()
    };
    let params = json!({
        "count": products(None), "names": names(new), "outs": products(Some(AlertKind::StockOut)),
        "lows": products(Some(AlertKind::LowStock)), "drops": products(Some(AlertKind::ServiceLevelDrop)),
    });
    let (category, key, channels) = (Category::Digest, "stock-alert-digest", first.channels.clone());
    Some(Message { category, key, params, severity: worst(new), subject: None, channels, about: first.id })
}

/// The first few products, each with its figure where that says more than the message does.
fn names(found: &[&Found]) -> Value {
    found.iter().take(NAMED).map(|found| name(found)).collect()
}

fn name(found: &Found) -> Value {
    let amount = |value: Option<i64>| quantity::format(Quantity(value.unwrap_or(0)));
    let available = json!({ "n": amount(found.value_n), "unit": found.unit });
    let nothing_left = found.kind == AlertKind::StockOut && found.value_n.unwrap_or(0) >= 0;
    if found.over || nothing_left {
        return json!(found.product);
    }
    match found.kind {
        AlertKind::StockOut => json!({ "say": "stock-alert-item-below-zero", "product": found.product, "available": available }),
        AlertKind::LowStock => {
            let threshold = amount(found.threshold);
            json!({ "say": "stock-alert-item-low-stock", "product": found.product, "available": available, "threshold": threshold })
        }
        AlertKind::ServiceLevelDrop => {
            let share = percent(found.value_n.unwrap_or(0), found.value_d.unwrap_or(0));
            json!({ "say": "stock-alert-item-service-level-drop", "product": found.product, "share": share })
        }
    }
}

fn place(found: &Found) -> String {
    found.warehouse.as_ref().map_or_else(String::new, |name| format!(" – {name}"))
}

fn only(found: &[&Found]) -> Option<Subject> {
    (found.len() == 1).then(|| Subject { kind: "StockAlert", id: Uuid::from(found[0].id) })
}

fn worst(found: &[&Found]) -> Severity {
    match found.iter().map(|found| found.severity).max() {
        Some(AlertSeverity::Critical) => Severity::Critical,
        Some(AlertSeverity::Warning) => Severity::Warning,
        _ => Severity::Info,
    }
}
