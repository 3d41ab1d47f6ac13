//! What happened, in numbered streams that readers follow and resume.
//!
//! A *stream* belongs to one organisation and one subject: its alerts (`alerts`), one person's notifications
//! (`notifications:<user>`), one import (`import:<id>`), one product's stock (`product:<id>`). Its events are numbered
//! from 1 without a gap, in the order of commits: the stream's row is the last lock of the transaction, held to its
//! commit. Whoever reads up to `n` and then asks for what follows `n` misses nothing and sees nothing twice.
//!
//! Rules:
//! - An event is written in the transaction of what it tells; after the commit its number is announced through the
//!   [`Hub`]. An announcement may be lost, doubled or late: it only says that there is something to read, and the table
//!   is the truth. Idle followers cost nothing; what other processes may have written unheard is looked for by one
//!   statement a process (`tail`).
//! - The followers of a stream in one process share each read of it; nobody waits for a slow one.
//! - Who acts on thousands of subjects at once, an import, tells the streams that are [`followed`], and no others.
//! - Events are kept for [`RETENTION_DAYS`] days; a cursor before that is refused as expired.

mod follow;
mod followed;
mod hub;
mod redis_wire;
mod shelf;
mod tail;
#[cfg(test)]
mod tests;

pub use follow::{Ear, Event, Follower, Recorded, cursor_at, follow, resume};
pub(crate) use followed::followed;
pub use followed::mark_followed;
pub use hub::Hub;
pub(crate) use tail::tail;

use crate::scope::{Column, TenantTx};
use crate::{Reads, Result, sql};
use sea_orm::DbBackend;
use std::collections::BTreeMap;

pub const RETENTION_DAYS: i64 = 7;

/// An event about to be written.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub stream: String,
    /// Past tense, such as `StockMoved`.
    pub kind: &'static str,
    pub payload: serde_json::Value,
}

impl NewEvent {
    pub fn new(stream: impl Into<String>, kind: &'static str, payload: serde_json::Value) -> Self {
        Self { stream: stream.into(), kind, payload }
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Counted {
    stream: String,
    seq: i64,
}

/// Numbers and writes the events of a transaction; answers each stream's new last number.
pub(crate) async fn write(txn: &TenantTx<'_>, events: &[NewEvent]) -> Result<Vec<(String, i64)>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let counted = match txn.backend() {
        DbBackend::Postgres => write_at_once(txn, events).await?,
        _ => number_then_write(txn, events).await?,
    };
    Ok(counted.into_iter().map(|c| (c.stream, c.seq)).collect())
}

async fn write_at_once(txn: &TenantTx<'_>, events: &[NewEvent]) -> Result<Vec<Counted>> {
    let mut behind: BTreeMap<&str, i64> = BTreeMap::new();
    let mut back: Vec<i64> = events.iter().rev().map(|event| count(&mut behind, &event.stream) - 1).collect();
    back.reverse();
    let rows = txn.statement(sql!("number_and_write.sql")).rows("e", columns(events, back)).bind("now", txn.now());
    rows.all().await
}

async fn number_then_write(txn: &TenantTx<'_>, events: &[NewEvent]) -> Result<Vec<Counted>> {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    let places: Vec<i64> = events.iter().map(|event| count(&mut counts, &event.stream)).collect();
    let numbered = vec![Column::texts(counts.keys().copied()), Column::ints(counts.values().copied())];
    let counted: Vec<Counted> = txn.statement(sql!("number.sql")).rows("r", numbered).all().await?;
    let before: BTreeMap<&str, i64> = counted.iter().map(|c| (c.stream.as_str(), c.seq - counts[c.stream.as_str()])).collect();
    let numbers = events.iter().zip(places).map(|(event, place)| before.get(event.stream.as_str()).copied().unwrap_or(0) + place);
    let rows = columns(events, numbers.collect());
    txn.statement(sql!("write.sql")).rows("r", rows).bind("now", txn.now()).run().await?;
    Ok(counted)
}

fn count<'e>(counts: &mut BTreeMap<&'e str, i64>, stream: &'e str) -> i64 {
    let count = counts.entry(stream).or_default();
    *count += 1;
    *count
}

fn columns(events: &[NewEvent], numbers: Vec<i64>) -> Vec<Column> {
    vec![
        Column::texts(events.iter().map(|e| e.stream.clone())),
        Column::ints(numbers),
        Column::texts(events.iter().map(|e| e.kind)),
        Column::texts(events.iter().map(|e| e.payload.to_string())),
    ]
}
