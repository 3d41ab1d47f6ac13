//! What stock is watched for: creating, changing and removing rules.

mod check;
mod input;
mod leaving;
mod read;

pub use input::{NewRule, RuleChange, Unsupported};
pub(crate) use leaving::{forget_member, forget_role};
pub use read::{by_ids, find, page, recipients, roles};

use crate::audit::NewAudit;
use crate::identity::{Permission, ShippedRole};
use crate::notifications::Channel;
use crate::scope::TenantTx;
use crate::{Code, Error, Reads, Result, Scope, sql};
use check::Checked;
use entities::alerts::{AlertKind, AlertRuleId, AlertRuleRecipientId, rule, rule_recipient};
use sea_orm::ActiveEnum;
use sea_orm::ActiveValue::{Set, Unchanged};

/// Most rules of an organisation.
const MOST: u64 = 1_000;
/// How a rule tells when it does not say: over all that a small firm reads.
const CHANNELS: &[Channel] = &[Channel::InApp, Channel::Email, Channel::Whatsapp];

/// Adds a rule. One that would tell nobody, its lists absent or empty, tells the owners.
pub async fn create(scope: &Scope, input: NewRule) -> Result<rule::Model> {
    scope.require(Permission::AlertsRuleWrite)?;
    let checked = Checked::of_new(scope, input);
    let txn = scope.begin().await?;
    if txn.select::<rule::Entity>().count().await? >= MOST {
        return Err(Error::refuse(Code::LimitReached, "", txn.locale().say("list-full", &[("most", MOST.to_string())])));
    }
    let checked = checked.fitting(&txn).await?;
    let row = insert(&txn, &checked).await?;
    txn.audit(NewAudit::of("alerts.rule.create").on("StockAlertRule", row.id).with("kind", row.kind.to_value()));
    txn.commit().await?;
    Ok(row)
}

/// Changes a rule; its open alerts go on under it, their timers anew. One left without recipients tells the owners. A stale
/// version is refused.
pub async fn update(scope: &Scope, id: AlertRuleId, change: RuleChange) -> Result<rule::Model> {
    scope.require(Permission::AlertsRuleWrite)?;
    let txn = scope.begin().await?;
    let unknown = || txn.locale().say("rule-unknown", &[]);
    let old = txn.lock::<rule::Entity>(id).await.map_err(|e| e.or_refuse_missing("id", unknown()))?;
    if change.expected_version.is_some_and(|version| version != old.version) {
        return Err(Error::refuse(Code::StaleVersion, "expectedVersion", txn.locale().say("stale-version", &[])));
    }
    let checked = Checked::of_change(scope, &old, change).fitting(&txn).await?;
    let mut row = checked.row(txn.now());
    (row.id, row.version) = (Unchanged(id), Set(old.version + 1));
    let row = txn.update(row).await?;
    if checked.recipients.is_some() || checked.roles.is_some() {
        replace_recipients(&txn, id, &checked).await?;
    }
    txn.audit(changed(&old, &row).hidden("recipients", checked.recipients.is_some() || checked.roles.is_some()));
    txn.commit().await?;
    Ok(row)
}

/// Removes a rule; its open alerts resolve, or go on under the next one that speaks of their subject.
pub async fn delete(scope: &Scope, id: AlertRuleId) -> Result<AlertRuleId> {
    scope.require(Permission::AlertsRuleWrite)?;
    let txn = scope.begin().await?;
    if !txn.delete::<rule::Entity>(id).await? {
        return Err(Error::refuse(Code::NotFound, "id", txn.locale().say("rule-unknown", &[])));
    }
    txn.audit(NewAudit::of("alerts.rule.delete").on("StockAlertRule", id));
    txn.commit().await?;
    Ok(id)
}

/// What is kept of a change: all that decides when it fires.
fn changed(old: &rule::Model, new: &rule::Model) -> NewAudit {
    NewAudit::of("alerts.rule.update")
        .on("StockAlertRule", new.id)
        .change("enabled", old.enabled, new.enabled)
        .change("severity", old.severity.to_value(), new.severity.to_value())
        .change("threshold", old.threshold.map(|threshold| threshold.0), new.threshold.map(|threshold| threshold.0))
        .change("target", old.target, new.target)
        .change("windowDays", old.window_days, new.window_days)
        .change("minimumLines", old.minimum_lines, new.minimum_lines)
        .change("clearMargin", old.clear_margin, new.clear_margin)
        .change("pendingFor", old.pending_for, new.pending_for)
        .change("keepFor", old.keep_for, new.keep_for)
        .change("repeatEvery", old.repeat_every, new.repeat_every)
        .change("channels", old.channels.as_str(), new.channels.as_str())
}

/// Gives a new organisation one rule of each kind, telling its owners.
pub(crate) async fn furnish(txn: &TenantTx<'_>) -> Result<()> {
    for kind in [AlertKind::StockOut, AlertKind::LowStock, AlertKind::ServiceLevelDrop] {
        insert(txn, &Checked::plain(kind)).await?;
    }
    Ok(())
}

async fn insert(txn: &TenantTx<'_>, checked: &Checked) -> Result<rule::Model> {
    let mut row = checked.row(txn.now());
    (row.id, row.version, row.created_at) = (Set(txn.new_id()), Set(1), Set(txn.now()));
    let row = txn.insert(row).await?;
    insert_recipients(txn, row.id, checked).await?;
    Ok(row)
}

/// Writes the lists that were given and keeps the other.
async fn replace_recipients(txn: &TenantTx<'_>, id: AlertRuleId, checked: &Checked) -> Result<()> {
    let (members, roles) = (checked.recipients.is_some(), checked.roles.is_some());
    let drop = txn.statement(sql!("drop_recipients.sql")).bind("rule", id);
    drop.bind("members", members).bind("roles", roles).run().await?;
    insert_recipients(txn, id, checked).await
}

/// Writes the lists; where nobody is to be told after that, the owners are.
async fn insert_recipients(txn: &TenantTx<'_>, rule: AlertRuleId, checked: &Checked) -> Result<()> {
    let members = checked.recipients.iter().flatten().map(|member| (Some(*member), None));
    for (member, role) in members.chain(checked.roles.iter().flatten().map(|role| (None, Some(*role)))) {
        let row = rule_recipient::ActiveModel {
            id: Set(txn.new_id::<AlertRuleRecipientId>()),
            rule_id: Set(rule),
            membership_id: Set(member),
            role_id: Set(role),
            ..Default::default()
        };
        txn.insert(row).await?;
    }
    let owners = txn.statement(sql!("tell_owners.sql")).bind("id", txn.new_id::<AlertRuleRecipientId>()).bind("rule", rule);
    owners.bind("owner", ShippedRole::Owner.key()).run().await.map(drop)
}

/// The channels of a rule, in the order people read them.
pub fn channels(rule: &rule::Model) -> Vec<Channel> {
    let names: Vec<&str> = rule.channels.split(',').collect();
    <Channel as sea_orm::Iterable>::iter().filter(|channel| names.contains(&channel.word().as_str())).collect()
}

fn joined(channels: &[Channel]) -> String {
    channels.iter().map(|channel| channel.word()).collect::<Vec<_>>().join(",")
}
