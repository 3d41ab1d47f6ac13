//! What many movements together do to levels and service days, and who is told of it.

use super::bulk::Subject;
use super::change::Line;
use crate::scope::{Column, TenantTx};
use crate::{Error, Reads, Result, events, sql};
use chrono_tz::Tz;
use entities::identity::organization::NegativeStockPolicy;
use entities::inventory::{ProductId, WarehouseId};
use entities::{Quantity, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;
use uuid::Uuid;

/// What sales add to the days of products.
pub(super) type ServiceDays = BTreeMap<(ProductId, i32), Line>;

/// What of an organisation decides about its movements.
#[derive(sea_orm::FromQueryResult)]
pub(super) struct Settings {
    pub policy: NegativeStockPolicy,
    time_zone: String,
}

impl Settings {
    pub(super) async fn read(on: &impl Reads) -> Result<Self> {
        on.statement(sql!("bulk_settings.sql")).one().await?.ok_or(Error::NotFound)
    }

    pub(super) fn zone(&self) -> Tz {
        Tz::from_str(&self.time_zone).unwrap_or(chrono_tz::UTC)
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Level {
    product_id: ProductId,
    warehouse_id: WarehouseId,
    on_hand: Quantity,
}

/// What is on hand of these; in a transaction, holds the levels until its end, sorted.
pub(super) async fn levels(on: &impl Reads, subjects: &[Subject], hold: bool) -> Result<HashMap<Subject, Quantity>> {
    if subjects.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = if hold { sql!("bulk_lock_levels.sql") } else { sql!("bulk_levels.sql") };
    let rows = vec![Column::uuids(subjects.iter().map(|(product, _)| *product)), Column::uuids(subjects.iter().map(|(_, w)| *w))];
    let levels: Vec<Level> = on.statement(sql).rows("r", rows).all().await?;
    Ok(levels.into_iter().map(|level| ((level.product_id, level.warehouse_id), level.on_hand)).collect())
}

/// Makes levels that are not there yet; a conflict where one is.
pub(super) async fn open_levels(txn: &TenantTx<'_>, levels: &BTreeMap<Subject, Quantity>) -> Result<()> {
    if levels.is_empty() {
        return Ok(());
    }
    let open = txn.statement(sql!("open_levels.sql")).rows("r", level_rows(txn, levels)).bind("now", txn.now());
    if open.run().await? < levels.len() as u64 { Err(Error::Conflict) } else { Ok(()) }
}

/// Adds to levels, or makes them; a conflict where one would pass its bound.
pub(super) async fn add_to_levels(txn: &TenantTx<'_>, moved: &BTreeMap<Subject, Quantity>, now: Timestamp) -> Result<()> {
    if moved.is_empty() {
        return Ok(());
    }
    let add = txn.statement(sql!("bulk_add_to_levels.sql")).rows("r", level_rows(txn, moved)).bind("now", now);
    let added = add.bind("most", Quantity::MOST_ON_HAND).run().await?;
    if added < moved.len() as u64 { Err(Error::Conflict) } else { Ok(()) }
}

pub(super) async fn add_to_service_days(txn: &TenantTx<'_>, days: &ServiceDays) -> Result<()> {
    if days.is_empty() {
        return Ok(());
    }
    let rows = vec![
        Column::uuids(days.keys().map(|(product, _)| *product)),
        Column::ints(days.keys().map(|(_, day)| i64::from(*day))),
        Column::ints(days.values().map(|line| line.lines)),
        Column::ints(days.values().map(|line| line.short_lines)),
        Column::ints(days.values().map(|line| line.ordered)),
        Column::ints(days.values().map(|line| line.delivered)),
    ];
    txn.statement(sql!("bulk_add_to_service_days.sql")).rows("r", rows).run().await.map(drop)
}

/// Records an event for each of the levels whose product is watched.
pub(super) async fn tell(txn: &TenantTx<'_>, levels: impl Iterator<Item = (&Subject, &Quantity)>) -> Result<()> {
    let followed = events::followed(txn).await?;
    for (subject, quantity) in levels.filter(|(subject, _)| followed.contains(&super::stream_of(subject.0))) {
        txn.record(super::announcement(*subject, *quantity, None));
    }
    Ok(())
}

fn level_rows(txn: &TenantTx<'_>, levels: &BTreeMap<Subject, Quantity>) -> Vec<Column> {
    vec![
        Column::uuids(levels.keys().map(|_| txn.new_id::<Uuid>())),
        Column::uuids(levels.keys().map(|(product, _)| *product)),
        Column::uuids(levels.keys().map(|(_, warehouse)| *warehouse)),
        Column::ints(levels.values().map(|quantity| quantity.0)),
    ]
}
