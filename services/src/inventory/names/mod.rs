//! The keys that names are put in order by, where a version that knew none has written a row.

use crate::scope::{Column, Sql};
use crate::work::JobKind;
use crate::{Result, SystemScope, sql};
use entities::TenantId;
use migration::folding::name_key;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Gives names without a key theirs.
#[derive(Debug, Serialize, Deserialize)]
pub struct FoldNames {}

impl JobKind for FoldNames {
    const KIND: &'static str = "inventory.fold_names";
    const PRIORITY: i32 = 3;
}

#[derive(sea_orm::FromQueryResult)]
struct Unfolded {
    tenant_id: TenantId,
    id: Uuid,
    name: String,
}

/// How many a transaction: SQLite has one writer, and it is not held for long.
const CHUNK: i64 = 500;

/// Folds what is not folded yet, and answers how many names. Doing it twice does no more.
pub async fn fold(system: &SystemScope) -> Result<u64> {
    let tables = [
        (sql!("unfolded_products.sql"), sql!("fold_products.sql")),
        (sql!("unfolded_categories.sql"), sql!("fold_categories.sql")),
        (sql!("unfolded_suppliers.sql"), sql!("fold_suppliers.sql")),
        (sql!("unfolded_warehouses.sql"), sql!("fold_warehouses.sql")),
    ];
    let mut folded = 0;
    for (find, write) in tables {
        loop {
            let rows: Vec<Unfolded> = system.read().await?.statement(find).bind("most", CHUNK).all().await?;
            if rows.is_empty() {
                break;
            }
            folded += fold_some(system, write, &rows).await?;
        }
    }
    Ok(folded)
}

/// A name that is changed meanwhile gets its key from whoever changes it, or from the next look.
async fn fold_some(system: &SystemScope, write: &'static Sql, rows: &[Unfolded]) -> Result<u64> {
    let columns = vec![
        Column::uuids(rows.iter().map(|row| row.tenant_id)),
        Column::uuids(rows.iter().map(|row| row.id)),
        Column::texts(rows.iter().map(|row| row.name.clone())),
        Column::texts(rows.iter().map(|row| name_key(&row.name))),
    ];
    let tx = system.begin().await?;
    let folded = tx.statement(write).rows("r", columns).run().await?;
    tx.commit().await?;
    Ok(folded)
}
