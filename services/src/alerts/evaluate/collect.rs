use super::Pass;
use crate::scope::SystemTx;
use crate::{Result, sql};
use entities::inventory::ProductId;

/// PostgreSQL: everything there is to look at.
pub(super) async fn at_once(pass: &Pass) -> Result<()> {
    let tx = &pass.tx;
    tx.statement(sql!("take_marks_postgres.sql")).bind("any", ProductId::NIL).run().await?;
    tx.statement(sql!("slide.sql")).run().await?;
    tx.statement(sql!("take_due.sql")).bind("now", pass.now).bind("most", i64::MAX).run().await?;
    tx.statement(sql!("analyze_product.sql")).run().await.map(drop)
}

/// SQLite: as many products as these; the rest stays marked or due.
pub(super) async fn some(pass: &Pass, most: i64) -> Result<()> {
    let tx = &pass.tx;
    tx.statement(sql!("slide.sql")).run().await?;
    tx.statement(sql!("take_marks_sqlite.sql")).bind("any", ProductId::NIL).bind("most", most).run().await?;
    tx.statement(sql!("drop_marks_sqlite.sql")).run().await?;
    let left = most - taken(tx).await?;
    tx.statement(sql!("take_due.sql")).bind("now", pass.now).bind("most", left).run().await?;
    let left = most - taken(tx).await?;
    if left > 0 { some_of_all(tx, left).await } else { Ok(()) }
}

/// How many products a pass looks at.
pub(super) async fn taken(tx: &SystemTx) -> Result<i64> {
    Ok(tx.statement(sql!("taken.sql")).value().await?.unwrap_or(0))
}

#[derive(sea_orm::FromQueryResult)]
struct AnyMark {
    id: i64,
    /// The last product already looked at for it.
    after_id: Option<ProductId>,
}

/// The next products of an organisation that is to be looked at as a whole.
async fn some_of_all(tx: &SystemTx, most: i64) -> Result<()> {
    let any = ProductId::NIL;
    let Some(mark) = tx.statement(sql!("any_mark_sqlite.sql")).bind("any", any).one::<AnyMark>().await? else { return Ok(()) };
    if mark.after_id.is_none() {
        tx.statement(sql!("drop_fresh_any_sqlite.sql")).bind("any", any).bind("id", mark.id).run().await?;
    }
    let after = mark.after_id.unwrap_or(any);
    let last: Option<ProductId> = tx.statement(sql!("last_any_sqlite.sql")).bind("after", after).bind("most", most - 1).value().await?;
    tx.statement(sql!("take_any_sqlite.sql")).bind("after", after).bind("most", most).run().await?;
    match last {
        Some(last) => tx.statement(sql!("move_any_sqlite.sql")).bind("id", mark.id).bind("after", last).run().await.map(drop),
        None => tx.statement(sql!("drop_any_sqlite.sql")).bind("id", mark.id).run().await.map(drop),
    }
}
