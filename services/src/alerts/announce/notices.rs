//! From notices to messages: whom they reach, and what each of them says.

use super::message::{Found, Group, Inbox, Open, messages};
use crate::alerts::rules::channels;
use crate::notifications::{NewNotification, notify};
use crate::scope::TenantTx;
use crate::{Reads, Result, sql};
use entities::alerts::{AlertId, AlertKind, AlertResolution, AlertRuleId, AlertState, Notice, Severity, rule};
use entities::identity::MembershipId;
use entities::inventory::{ProductId, WarehouseId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(sea_orm::FromQueryResult)]
struct Noticed {
    alert_id: AlertId,
    notice: Notice,
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: AlertId,
    kind: AlertKind,
    state: AlertState,
    severity: Severity,
    muted: bool,
    resolution: Option<AlertResolution>,
    rule_id: AlertRuleId,
    product_id: ProductId,
    warehouse_id: WarehouseId,
    value_n: Option<i64>,
    value_d: Option<i64>,
    threshold: Option<i64>,
    product: String,
    unit: String,
    warehouse: Option<String>,
}

#[derive(sea_orm::FromQueryResult)]
struct OpenRow {
    kind: AlertKind,
    warehouse_id: WarehouseId,
    firing: i64,
    open: i64,
}

#[derive(sea_orm::FromQueryResult)]
struct Recipient {
    rule_id: AlertRuleId,
    membership_id: MembershipId,
}

/// Puts every notice that waits into messages, once.
pub(super) async fn send(txn: &TenantTx<'_>) -> Result<()> {
    let noticed: Vec<Noticed> = txn.statement(sql!("noticed.sql")).bind("now", txn.now()).all().await?;
    if noticed.is_empty() {
        return Ok(());
    }
    let found = found(txn, &noticed).await?;
    let rows: Vec<OpenRow> = txn.statement(sql!("open.sql")).all().await?;
    let open = |row: OpenRow| ((row.kind, row.warehouse_id), Open { firing: row.firing, all: row.open });
    let open: HashMap<Group, Open> = rows.into_iter().map(open).collect();
    for inbox in inboxes(txn, &found).await? {
        for message in messages(&inbox.found, &open) {
            let dedup_key = Some(format!("stock-alerts:{}:{}:{}", txn.now().0, message.key, message.about));
            let new = NewNotification {
                to: inbox.to.clone(),
                category: message.category,
                severity: message.severity,
                key: message.key,
                params: message.params,
                subject: message.subject,
                channels: message.channels,
                dedup_key,
            };
            notify(txn, new).await?;
        }
    }
    Ok(())
}

/// What there is to say of the noticed alerts as they are now: what fired and went again meanwhile, and what somebody has
/// taken in hand, needs no word.
async fn found(txn: &TenantTx<'_>, noticed: &[Noticed]) -> Result<Vec<Found>> {
    let mut notices: HashMap<AlertId, Vec<Notice>> = HashMap::new();
    for row in noticed {
        notices.entry(row.alert_id).or_default().push(row.notice);
    }
    let rows: Vec<Row> = txn.statement(sql!("noticed_alerts.sql")).ids("ids", notices.keys().copied()).all().await?;
    let rules: Vec<AlertRuleId> = rows.iter().map(|row| row.rule_id).collect::<BTreeSet<_>>().into_iter().collect();
    let rules = txn.by_ids::<rule::Entity>(&rules).await?;
    let found = rows.into_iter().filter_map(|row| {
        let notices = &notices[&row.id];
        let only_gone = notices.iter().all(|notice| *notice == Notice::Gone);
        let over = row.state == AlertState::Resolved && row.resolution == Some(AlertResolution::Cleared) && only_gone;
        let fires = row.state == AlertState::Firing && !row.muted;
        let new = notices.iter().any(|notice| matches!(notice, Notice::First | Notice::Again));
        (over || fires).then_some(Found {
            id: row.id,
            kind: row.kind,
            warehouse_id: row.warehouse_id,
            product_id: row.product_id,
            rule: row.rule_id,
            channels: rules.get(&row.rule_id).map(channels).unwrap_or_default(),
            severity: row.severity,
            over,
            new: new && !over,
            product: row.product,
            unit: row.unit,
            warehouse: row.warehouse,
            value_n: row.value_n,
            value_d: row.value_d,
            threshold: row.threshold,
        })
    });
    Ok(found.collect())
}

/// What each person is to hear of; people who hear the same share an inbox.
async fn inboxes(txn: &TenantTx<'_>, found: &[Found]) -> Result<Vec<Inbox>> {
    let rules: Vec<AlertRuleId> = found.iter().map(|found| found.rule).collect::<BTreeSet<_>>().into_iter().collect();
    let recipients: Vec<Recipient> = txn.statement(sql!("recipients.sql")).ids("rules", rules).all().await?;
    let mut rules_of: BTreeMap<MembershipId, BTreeSet<AlertRuleId>> = BTreeMap::new();
    for row in recipients {
        rules_of.entry(row.membership_id).or_default().insert(row.rule_id);
    }
    let mut people: BTreeMap<BTreeSet<AlertRuleId>, Vec<MembershipId>> = BTreeMap::new();
    for (member, rules) in rules_of {
        people.entry(rules).or_default().push(member);
    }
    let inbox = |(rules, to): (BTreeSet<AlertRuleId>, Vec<MembershipId>)| Inbox {
        to,
        found: found.iter().filter(|found| rules.contains(&found.rule)).cloned().collect(),
    };
    Ok(people.into_iter().map(inbox).collect())
}
