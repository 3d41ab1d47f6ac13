//! Telling people and screens what an evaluation found, once.
//!
//! Every transition becomes an event of the stream [`STREAM`], in small transactions; every notice then becomes part of a
//! message, all of them in the one transaction that completes the job. Both mark what they took, so whoever comes later
//! finds nothing.

mod message;
mod notices;

use crate::events::NewEvent;
use crate::scope::TenantTx;
use crate::work::{JobKind, Running};
use crate::{Reads, Result, Scope, sql};
use entities::alerts::{AlertTransitionId, transition};
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
    let mut rows: Vec<transition::Model> = txn.statement(sql!("announced.sql")).bind("now", txn.now()).bind("most", BATCH).all().await?;
    rows.sort_by_key(|row| (row.occurred_at, row.alert_id, row.alert_version));
    for row in &rows {
        txn.record(event_of(row));
    }
    txn.commit().await?;
    Ok(rows.len() as i64 == BATCH)
}

pub(super) async fn transitions_by_id(txn: &TenantTx<'_>, ids: &[AlertTransitionId]) -> Result<Vec<transition::Model>> {
    let mut rows: Vec<transition::Model> = txn.by_ids::<transition::Entity>(ids).await?.into_values().collect();
    rows.sort_by_key(|row| row.alert_id);
    Ok(rows)
}

/// The event of a transition. It carries what the transition says, because a pending alert may be forgotten by the time
/// somebody reads it.
pub(super) fn event_of(transition: &transition::Model) -> NewEvent {
    let payload = serde_json::json!({
        "alert": transition.alert_id, "transition": transition.id, "state": transition.to_state.to_value(),
        "by": transition.by_membership_id, "note": transition.note, "value": transition.value_n, "of": transition.value_d,
        "threshold": transition.threshold, "at": transition.occurred_at,
    });
    NewEvent::new(STREAM, "StockAlertChanged", payload)
}
