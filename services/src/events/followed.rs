//! Which streams somebody follows, for whoever would write to thousands that nobody reads.

use crate::scope::TenantTx;
use crate::{Reads, Result, Scope, sql};
use chrono::TimeDelta;
use sea_orm::DbBackend;
use std::collections::HashSet;

/// A cursor is of use as long as its events are kept; a day more, because the mark is renewed once a day.
const MARKED_FOR: TimeDelta = TimeDelta::days(super::RETENTION_DAYS + 1);
const RENEWED_EVERY: TimeDelta = TimeDelta::days(1);

/// Keeps in mind that a stream is followed from now on: what is committed later by those who ask [`followed`] is in it.
pub async fn mark_followed(scope: &Scope, stream: &str) -> Result<()> {
    let since = scope.now().minus(RENEWED_EVERY);
    let known: Option<i64> = scope.statement(sql!("is_followed.sql")).bind("stream", stream).bind("since", since).value().await?;
    if known.is_some() {
        return Ok(());
    }
    let txn = scope.begin().await?;
    // Whoever has asked already commits first.
    hold(&txn, sql!("hold_to_follow.sql")).await?;
    txn.statement(sql!("mark_followed.sql")).bind("stream", stream).bind("now", txn.now()).run().await?;
    txn.commit().await
}

/// The streams that are followed, or may be resumed; until the commit nobody else begins to.
pub(crate) async fn followed(txn: &TenantTx<'_>) -> Result<HashSet<String>> {
    hold(txn, sql!("hold_followed.sql")).await?;
    let since = txn.now().minus(MARKED_FOR);
    let rows: Vec<Followed> = txn.statement(sql!("followed.sql")).bind("since", since).all().await?;
    Ok(rows.into_iter().map(|row| row.stream).collect())
}

#[derive(sea_orm::FromQueryResult)]
struct Followed {
    stream: String,
}

/// On SQLite one writes at a time anyway.
async fn hold(txn: &TenantTx<'_>, lock: &'static crate::scope::Sql) -> Result<()> {
    if txn.backend() == DbBackend::Postgres {
        txn.statement(lock).value::<i32>().await?;
    }
    Ok(())
}
