//! What people do with alerts: acknowledge, snooze, wake up.

use super::announce;
use crate::audit::NewAudit;
use crate::identity::Permission;
use crate::scope::{Column, TenantTx};
use crate::{Code, Error, Reads, Refusal, Result, Scope, sql};
use chrono::TimeDelta;
use entities::Timestamp;
use entities::alerts::{AlertId, AlertState, AlertTransitionId, alert};
use sea_orm::ActiveEnum;
use std::collections::HashMap;

/// Most alerts of one call.
pub const MOST: usize = 250;
/// An acknowledgement says "I am at it", not "never again": after this it fires anew.
pub const ACKNOWLEDGED_FOR: TimeDelta = TimeDelta::hours(24);
const LONGEST_SNOOZE: TimeDelta = TimeDelta::days(366);

/// One result for each id asked for: the alert as it is now, or why it was left alone.
#[derive(Debug, Default)]
pub struct Handled {
    pub alerts: Vec<alert::Model>,
    pub refusals: Vec<Refusal>,
}

/// How long a snooze lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Snooze {
    Until(Timestamp),
    /// Until it resolves.
    UntilRestock,
    /// No longer: it fires again.
    WakeUp,
}

/// Says that somebody is at it: quiet until it resolves, turns more severe, or [`ACKNOWLEDGED_FOR`] has passed. Said again it
/// is quiet for as long from then on.
pub async fn acknowledge(scope: &Scope, ids: &[AlertId], note: Option<&str>) -> Result<Handled> {
    let note = note.map(str::trim).filter(|note| !note.is_empty());
    if note.is_some_and(|note| note.chars().count() > 1000) {
        return Err(Error::refuse(Code::TooLong, "note", scope.locale().say("text-too-long", &[("most", "1000".into())])));
    }
    let until = Some(scope.now().plus(ACKNOWLEDGED_FOR));
    apply(scope, ids, AlertState::Acknowledged, until, note).await
}

/// Keeps alerts quiet for a while, or wakes them up.
pub async fn snooze(scope: &Scope, ids: &[AlertId], how: Snooze) -> Result<Handled> {
    let (state, until) = match how {
        Snooze::Until(at) if at <= scope.now() || at > scope.now().plus(LONGEST_SNOOZE) => {
            return Err(Error::refuse(Code::OutOfRange, "until", scope.locale().say("snooze-range", &[])));
        }
        Snooze::Until(at) => (AlertState::Snoozed, Some(at)),
        Snooze::UntilRestock => (AlertState::Snoozed, None),
        Snooze::WakeUp => (AlertState::Firing, None),
    };
    apply(scope, ids, state, until, None).await
}

async fn apply(scope: &Scope, ids: &[AlertId], state: AlertState, until: Option<Timestamp>, note: Option<&str>) -> Result<Handled> {
    scope.require(Permission::AlertsStockAlertHandle)?;
    if ids.len() > MOST {
        return Err(Error::refuse(Code::LimitReached, "ids", scope.locale().say("too-many-ids", &[("most", MOST.to_string())])));
    }
    let txn = scope.begin().await?;
    let held: Vec<alert::Model> = txn.statement(sql!("hold.sql")).ids("ids", ids.iter().copied()).all().await?;
    let changing: Vec<&alert::Model> = held.iter().filter(|alert| alert.state.is_open() && changes(alert, state, until, note)).collect();
    if !changing.is_empty() {
        write(&txn, &changing, state, until, note).await?;
        for alert in changing {
            let act = NewAudit::of(act_of(state)).on("StockAlert", alert.id).change("state", alert.state.to_value(), state.to_value());
            txn.audit(act.change("quietUntil", alert.quiet_until.map(|at| at.0), until.map(|at| at.0)));
        }
        txn.commit().await?;
    }
    answer(scope, ids).await
}

fn act_of(state: AlertState) -> &'static str {
    match state {
        AlertState::Acknowledged => "alerts.stock_alert.acknowledge",
        AlertState::Snoozed => "alerts.stock_alert.snooze",
        AlertState::Pending | AlertState::Firing | AlertState::Resolved => "alerts.stock_alert.wake",
    }
}

/// Saying the same again changes nothing, except a snooze, with a note, or when the quiet ends at another time.
fn changes(alert: &alert::Model, state: AlertState, until: Option<Timestamp>, note: Option<&str>) -> bool {
    alert.state != state || state == AlertState::Snoozed || alert.quiet_until != until || note.is_some()
}

async fn write(
    txn: &TenantTx<'_>,
    changing: &[&alert::Model],
    state: AlertState,
    until: Option<Timestamp>,
    note: Option<&str>,
) -> Result<()> {
    let ids: Vec<AlertId> = changing.iter().map(|alert| alert.id).collect();
    announce::record_waiting(txn, &ids).await?;
    let (now, by) = (txn.now(), txn.membership());
    let change = txn.statement(sql!("handle.sql")).ids("ids", ids.iter().copied()).bind("state", state.to_value()).bind("until", until);
    change.bind("acknowledges", state == AlertState::Acknowledged).bind("now", now).bind("by", by).run().await?;
    let transitions: Vec<AlertTransitionId> = ids.iter().map(|_| txn.new_id()).collect();
    let columns = vec![
        Column::uuids(transitions.iter().copied()),
        Column::uuids(ids.iter().copied()),
        Column::texts(changing.iter().map(|alert| alert.state.to_value())),
    ];
    let insert = txn.statement(sql!("handled.sql")).rows("r", columns).bind("by", by).bind("note", note.map(str::to_owned));
    insert.bind("now", now).run().await?;
    announce::record_told(txn, &transitions).await
}

async fn answer(scope: &Scope, ids: &[AlertId]) -> Result<Handled> {
    let known: HashMap<AlertId, alert::Model> = scope.by_ids::<alert::Entity>(ids).await?;
    let mut handled = Handled::default();
    for (place, id) in ids.iter().enumerate() {
        let refuse = |code, key: &str| Refusal::new(code, &format!("ids.{place}"), scope.locale().say(key, &[]));
        match known.get(id) {
            None => handled.refusals.push(refuse(Code::NotFound, "alert-unknown")),
            Some(alert) if alert.state == AlertState::Pending => handled.refusals.push(refuse(Code::ForbiddenState, "alert-pending")),
            Some(alert) if alert.state == AlertState::Resolved => handled.refusals.push(refuse(Code::ForbiddenState, "alert-resolved")),
            Some(alert) => handled.alerts.push(alert.clone()),
        }
    }
    Ok(handled)
}
