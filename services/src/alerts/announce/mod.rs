//! Telling people and screens what an evaluation found, once.
//!
//! Every transition but the one to pending becomes an event of the stream [`STREAM`], in small transactions; every notice
//! then becomes part of a message, all of them in the one transaction that completes the job. Both mark what they took, so
//! whoever comes later finds nothing. A person who acts before that job has run tells the events of their alerts first
//! ([`record_waiting`]): the stream has an alert's transitions in their order.

mod message;
mod notices;

use crate::events::NewEvent;
use crate::scope::TenantTx;
use crate::work::{JobKind, Running};
use crate::{Reads, Result, Scope, sql};
use entities::alerts::{AlertId, AlertTransitionId, transition};
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};

/// The stream of an organisation's alerts.
pub const STREAM: &str = "alerts";
/// More newly affected products than this in one run are told as one digest.
pub const FLOOD: usize = 20;

/// Tells an organisation what its evaluations found since the last time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AnnounceStockAlerts {}

impl JobKind for AnnounceStockAlerts {
    const KIND: &'static str = "alerts.announce";
}

/// Events recorded in one transaction.
const BATCH: i64 = 500;

/// Records the events of what changed and hands the messages to `notifications`.
pub async fn announce(scope: &Scope, job: &Running, _: AnnounceStockAlerts) -> Result<()> {
    while record_some(scope).await? {}
    let txn = scope.begin().await?;
    notices::send(&txn).await?;
    job.complete(&txn).await?;
    txn.commit().await
}

/// Records the events of the next transitions; false: there were no more.
async fn record_some(scope: &Scope) -> Result<bool> {
    let txn = scope.begin().await?;
    let rows: Vec<transition::Model> = txn.statement(sql!("announced.sql")).bind("now", txn.now()).bind("most", BATCH).all().await?;
    let full = rows.len() as i64 == BATCH;
    record(&txn, rows);
    txn.commit().await?;
    Ok(full)
}

/// Records the events of these alerts that wait for the job, before what somebody does to them now. Their notices stay with
/// the job.
pub(super) async fn record_waiting(txn: &TenantTx<'_>, alerts: &[AlertId]) -> Result<()> {
    let take = txn.statement(sql!("announced_of.sql")).ids("alerts", alerts.iter().copied()).bind("now", txn.now());
    record(txn, take.all().await?);
    Ok(())
}

/// Records the events of transitions that are marked as told.
pub(super) async fn record_told(txn: &TenantTx<'_>, ids: &[AlertTransitionId]) -> Result<()> {
    record(txn, txn.by_ids::<transition::Entity>(ids).await?.into_values().collect());
    Ok(())
}

fn record(txn: &TenantTx<'_>, mut rows: Vec<transition::Model>) {
    rows.sort_by_key(|row| (row.occurred_at, row.alert_id, row.alert_version));
    for row in &rows {
        txn.record(event_of(row));
    }
}

/// The event of a transition. It carries what the transition says: its readers need not look for it.
fn event_of(transition: &transition::Model) -> NewEvent {
    let payload = serde_json::json!({
        "alert": transition.alert_id, "transition": transition.id, "state": transition.to_state.to_value(),
        "by": transition.by_membership_id, "note": transition.note, "value": transition.value_n, "of": transition.value_d,
        "threshold": transition.threshold, "at": transition.occurred_at,
    });
    NewEvent::new(STREAM, "StockAlertChanged", payload)
}
