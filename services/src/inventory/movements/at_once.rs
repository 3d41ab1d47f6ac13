//! The usual movement in one round trip: an active product, a level that is there, a policy that lets it pass.
//!
//! PostgreSQL runs the steps of [`super::record`] as one statement, which needs no transaction around it. Whatever it
//! finds in its way it leaves to the steps, which say what it is; it never writes a part.

use super::change::{self, RecordMovement, StockChange};
use super::{Recorded, announcement, day_of};
use crate::events::NewEvent;
use crate::idempotency::{self, Claim};
use crate::inventory::quantity;
use crate::{Error, Reads, Result, Scope, sql};
use entities::Quantity;
use entities::identity::organization::NegativeStockPolicy;
use entities::inventory::stock_movement::{self, StockMovementKind};
use sea_orm::DbBackend;
use sea_orm::sea_query::Value;

/// What the statement is made of.
struct Step {
    row: stock_movement::Model,
    line: Option<change::Line>,
    day: Option<i32>,
    event: NewEvent,
    /// How many decimals its quantities need.
    decimals: i32,
    time_zone: String,
    claim: Option<Claim>,
}

/// What it answers when it wrote.
#[derive(sea_orm::FromQueryResult)]
struct Done {
    on_hand: Quantity,
    policy: NegativeStockPolicy,
    seq: i64,
    moved_later: Quantity,
}

/// Records the movement, or leaves everything as it was and answers none.
pub(super) async fn record(scope: &Scope, input: &RecordMovement) -> Result<Option<Recorded>> {
    let fitting = scope.app().database().backend() == DbBackend::Postgres && input.kind != StockMovementKind::Count;
    let Some(time_zone) = scope.known_organization().filter(|_| fitting).map(|facts| &facts.time_zone) else { return Ok(None) };
    let change = StockChange::of(input, None, scope.now());
    let row = change.row(scope, input);
    let step = Step {
        line: change.line(),
        day: change.line().map(|_| day_of(row.occurred_at, time_zone)),
        event: announcement((row.product_id, row.warehouse_id), row.quantity, Some(row.id)),
        decimals: quantity::decimals([Some(input.quantity), input.ordered_quantity]),
        time_zone: time_zone.clone(),
        claim: scope.claimed_idempotency().await,
        row: row.clone(),
    };
    scope.end_read().await;
    // A task of its own: a caller that goes away meanwhile must not leave readers unaware of what was written.
    let writing = tokio::spawn(write(scope.clone(), step));
    let done = match writing.await.map_err(Error::internal)? {
        // The key of the call, or of the movement, is taken: the steps find out by whom.
        Err(Error::Duplicate(_) | Error::Conflict) => None,
        done => done?,
    };
    Ok(done.map(|done| Recorded {
        warnings: change::warnings(done.policy, row.quantity, done.on_hand),
        on_hand_after: Some(done.on_hand - done.moved_later),
        movement: row,
    }))
}

/// The payload as JSON without its closing brace: the statement adds what is on hand.
fn open_ended(event: &NewEvent) -> String {
    let mut payload = event.payload.to_string();
    payload.pop();
    payload
}

async fn write(scope: Scope, step: Step) -> Result<Option<Done>> {
    let Step { row, line, day, event, decimals, time_zone, claim } = step;
    let line = line.unwrap_or_default();
    let (key, fingerprint) = claim.map(|claim| (claim.key, claim.fingerprint.to_vec())).unzip();
    let alone = scope.alone().await?;
    let statement = alone.statement(sql!("record_at_once.sql"));
    let statement = statement.bind("product", row.product_id).bind("warehouse", row.warehouse_id).bind("quantity", row.quantity);
    let statement =
        statement.bind("decimals", decimals).bind("time_zone", time_zone).bind("now", row.recorded_at).bind("most", Quantity::MOST_ON_HAND);
    let statement = statement.bind("actor", idempotency::actor(&scope)).bind("key", key).bind("fingerprint", Value::Bytes(fingerprint));
    let statement = statement.bind("id", row.id).bind("kind", row.kind).bind("occurred_at", row.occurred_at).bind("by", row.recorded_by);
    let statement = statement.bind("ordered_quantity", row.ordered_quantity).bind("unit_cost", row.unit_cost);
    let statement = statement.bind("reason", row.reason).bind("reference", row.reference).bind("dedup_key", row.dedup_key);
    let statement = statement.bind("movement_fingerprint", Value::Bytes(row.fingerprint));
    let statement = statement.bind("day", day).bind("short_lines", line.short_lines);
    let statement = statement.bind("ordered", line.ordered).bind("delivered", line.delivered);
    let statement = statement.bind("stream", event.stream.clone()).bind("event", event.kind).bind("payload_head", open_ended(&event));
    // All rows, though there is one at most: the last answer of the database is that it is committed.
    let done = statement.all::<Done>().await?.pop();
    if let Some(done) = &done {
        scope.spend_idempotency().await;
        scope.app().hub().announce(scope.tenant(), vec![(event.stream, done.seq)]);
    }
    Ok(done)
}
