//! Service days: what was asked for and what was delivered of a product on one local day.
//!
//! They are sums beside the ledger, kept up with every sale. Which day a sale belongs to depends on the organisation's time
//! zone, so they are made anew when that changes: one product a transaction, which holds its stock against new sales.

use super::movements::{Line, day_of};
use crate::alerts::evaluate::mark;
use crate::scope::{Column, TenantTx, retrying};
use crate::work::{JobKind, NewJob, Running};
use crate::{Error, Reads, Result, Scope, sql};
use chrono::TimeDelta;
use entities::inventory::{ProductId, product};
use entities::{Quantity, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// Makes the organisation's service days anew from the ledger, in its present time zone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RebuildServiceDays {}

impl JobKind for RebuildServiceDays {
    const KIND: &'static str = "inventory.rebuild_service_days";
    const PRIORITY: i32 = 2;
    const TIMEOUT: Duration = Duration::from_secs(3600);
}

/// By then every sale that was being recorded under the zone before is written or given up.
const LATECOMERS: TimeDelta = TimeDelta::minutes(1);

/// Asks for the service days to be made anew: at once, and again for what was being recorded meanwhile.
pub(crate) fn ask(txn: &TenantTx<'_>) -> Result<()> {
    let job = || NewJob::new(txn.app(), &RebuildServiceDays {});
    txn.enqueue(job()?);
    txn.enqueue(job()?.at(txn.now().plus(LATECOMERS)));
    Ok(())
}

/// The job: product after product. Doing it twice leaves the same days.
pub async fn rebuild(scope: &Scope, job: &Running, _: RebuildServiceDays) -> Result<()> {
    let mut after = ProductId::NIL;
    while let Some(product) = retrying(|| rebuild_next(scope, after)).await? {
        after = product;
    }
    let txn = scope.begin().await?;
    job.complete(&txn).await?;
    txn.commit().await
}

#[derive(sea_orm::FromQueryResult)]
struct Next {
    product_id: ProductId,
}

#[derive(sea_orm::FromQueryResult)]
struct Sale {
    occurred_at: Timestamp,
    quantity: Quantity,
    ordered_quantity: Option<Quantity>,
}

/// Rebuilds the next product that ever sold, and names it.
async fn rebuild_next(scope: &Scope, after: ProductId) -> Result<Option<ProductId>> {
    let txn = scope.begin().await?;
    let next = txn.statement(sql!("next_product.sql")).bind("after", after).one().await?;
    let Some(Next { product_id }) = next else { return Ok(None) };
    hold(&txn, product_id).await?;
    let zone: String = txn.statement(sql!("time_zone.sql")).value().await?.ok_or(Error::NotFound)?;
    let sales: Vec<Sale> = txn.statement(sql!("sales.sql")).bind("product", product_id).all().await?;
    let mut days: BTreeMap<i32, Line> = BTreeMap::new();
    for sale in sales {
        let line = Line::of(-sale.quantity, sale.ordered_quantity);
        days.entry(day_of(sale.occurred_at, &zone)).and_modify(|known| *known = known.and(line)).or_insert(line);
    }
    txn.statement(sql!("forget_days.sql")).bind("product", product_id).run().await?;
    if !days.is_empty() {
        let rows = vec![
            Column::ints(days.keys().map(|day| i64::from(*day))),
            Column::ints(days.values().map(|line| line.lines)),
            Column::ints(days.values().map(|line| line.short_lines)),
            Column::ints(days.values().map(|line| line.ordered)),
            Column::ints(days.values().map(|line| line.delivered)),
        ];
        txn.statement(sql!("write_days.sql")).rows("r", rows).bind("product", product_id).run().await?;
    }
    mark(&txn, product_id).await?;
    txn.commit().await?;
    Ok(Some(product_id))
}

#[derive(PartialEq, Eq, sea_orm::FromQueryResult)]
struct Level {
    id: Uuid,
}

/// Keeps everybody from moving the product until the commit. Whoever moves it has taken a level before: one that was there,
/// or a new one, which refers to the product. One that came in between is not held, so all begins again.
async fn hold(txn: &TenantTx<'_>, product: ProductId) -> Result<()> {
    let held: Vec<Level> = txn.statement(sql!("hold_levels.sql")).bind("product", product).all().await?;
    txn.lock::<product::Entity>(product).await?;
    let there: Vec<Level> = txn.statement(sql!("levels.sql")).bind("product", product).all().await?;
    if there == held { Ok(()) } else { Err(Error::Conflict) }
}

#[cfg(test)]
mod tests;
