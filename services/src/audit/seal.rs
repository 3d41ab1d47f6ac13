//! Sealing: what has no seal yet gets one, in the order of its ids.

use super::canonical::{Raw, link};
use crate::locale::Locale;
use crate::scope::{Column, TenantTx};
use crate::work::{JobKind, NewJob, Running};
use crate::{Reads, Result, Scope, SystemScope, sql};
use chrono::TimeDelta;
use entities::{TenantId, Timestamp};
use sea_orm::DbBackend;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Seals the events of one organisation.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SealEvents {
    /// However old they are, as the nightly pass does.
    #[serde(default)]
    pub all: bool,
}

impl JobKind for SealEvents {
    const KIND: &'static str = "audit.seal";
    const PRIORITY: i32 = 2;
}

/// Looks for organisations with unsealed events, each of which gets its job.
///
/// The acts themselves ask for none: two transactions that write a job of the same key wait for each other's commit.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SweepUnsealed {
    #[serde(default)]
    pub all: bool,
}

impl JobKind for SweepUnsealed {
    const KIND: &'static str = "audit.sweep";
    const PRIORITY: i32 = 2;
    const MAX_ATTEMPTS: i32 = 3;
}

/// Says the head of every chain to the log.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct WriteAnchors {}

impl JobKind for WriteAnchors {
    const KIND: &'static str = "audit.anchor";
    const PRIORITY: i32 = 3;
}

/// How many events a transaction seals.
const BATCH: i64 = 250;
/// A transaction may commit what it wrote down this long before; what takes longer waits for the night.
const LATE: TimeDelta = TimeDelta::hours(1);
/// The hash before the first.
pub(super) const GENESIS: [u8; 32] = [0; 32];

#[derive(sea_orm::FromQueryResult)]
struct Tenant {
    tenant_id: TenantId,
}

/// One pass over all organisations; a call outside the ledger seals itself, for nobody else may be there to.
pub async fn sweep(system: &SystemScope, job: &Running, payload: SweepUnsealed) -> Result<()> {
    let statement = if payload.all { sql!("unsealed_of_all_time.sql") } else { sql!("unsealed.sql") };
    let tenants: Vec<Tenant> = system.read().await?.statement(statement).bind("none", Uuid::nil()).all().await?;
    if job.is_detached() {
        for Tenant { tenant_id } in tenants {
            let scope = Scope::system(system.app(), tenant_id, Locale::default());
            seal(&scope, &Running::detached(tenant_id), SealEvents { all: payload.all }).await?;
        }
        return Ok(());
    }
    let tx = system.begin().await?;
    for Tenant { tenant_id } in tenants {
        tx.enqueue(tenant_id, NewJob::new(system.app(), &SealEvents { all: payload.all })?.unique("audit-seal"));
    }
    tx.commit().await
}

/// Seals what one organisation's chain lacks. Again, it finds nothing; cut off, the next goes on where this one was.
pub async fn seal(scope: &Scope, job: &Running, payload: SealEvents) -> Result<()> {
    loop {
        let txn = scope.begin().await?;
        let sealed = seal_some(&txn, payload.all).await?;
        if sealed < BATCH.unsigned_abs() {
            job.complete(&txn).await?;
            return txn.commit().await;
        }
        txn.commit().await?;
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Head {
    seq: i64,
    hash: Vec<u8>,
    at: Option<i64>,
}

async fn seal_some(txn: &TenantTx<'_>, all: bool) -> Result<u64> {
    if txn.backend() == DbBackend::Postgres {
        txn.statement(sql!("hold_chain.sql")).value::<i32>().await?;
    }
    let head: Option<Head> = txn.statement(sql!("head.sql")).one().await?;
    let from = head.as_ref().and_then(|head| head.at).filter(|_| !all).map_or(Uuid::nil(), |at| first_id_of(Timestamp(at).minus(LATE)));
    let events: Vec<Raw> = txn.statement(sql!("unsealed_events.sql")).bind("from", from).bind("most", BATCH).all().await?;
    let (first, mut last) = head.map_or((1, GENESIS.to_vec()), |head| (head.seq + 1, head.hash));
    let (mut before, mut hashes) = (Vec::new(), Vec::new());
    for event in &events {
        let hash = link(&last, txn.tenant(), event);
        before.push(Some(std::mem::replace(&mut last, hash.clone())));
        hashes.push(Some(hash));
    }
    if !events.is_empty() {
        let numbers = (first..).take(events.len());
        let rows =
            vec![Column::ints(numbers), Column::uuids(events.iter().map(|event| event.id)), Column::Bytes(before), Column::Bytes(hashes)];
        txn.statement(sql!("insert_seals.sql")).rows("r", rows).run().await?;
    }
    Ok(events.len() as u64)
}

/// The smallest id of an instant.
pub(super) fn first_id_of(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.0 / 1000).unwrap_or(0);
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    Uuid::from_bytes(bytes)
}

#[derive(sea_orm::FromQueryResult)]
struct Anchor {
    tenant_id: TenantId,
    seq: i64,
    hash: Vec<u8>,
}

/// Says each chain's head where the database cannot take it back.
pub async fn write_anchors(system: &SystemScope) -> Result<()> {
    let anchors: Vec<Anchor> = system.read().await?.statement(sql!("anchors.sql")).all().await?;
    for Anchor { tenant_id, seq, hash } in anchors {
        let anchor = format!("{seq}:{}", hex::encode(hash));
        tracing::info!(tenant.id = %tenant_id, audit.anchor = %anchor, "the audit chain of organisation {tenant_id} stands at {anchor}");
    }
    Ok(())
}
