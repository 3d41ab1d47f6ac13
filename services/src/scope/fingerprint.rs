//! Fingerprints that show two databases hold the same rows.

use super::database::{Database, Pool, sqlx_error};
use crate::Result;
use futures_util::TryStreamExt;
use sea_orm::sqlx::{self, AssertSqlSafe, Row};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The number of rows of a table and a sum over their hashes, whatever their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    pub rows: i64,
    pub hash: String,
}

/// The fingerprint of each table, by its name.
pub type Fingerprints = BTreeMap<String, Fingerprint>;

impl Database {
    /// Every table's fingerprint at one moment, the history of migrations apart.
    pub async fn fingerprint(&self) -> Result<Fingerprints> {
        let prints = match &self.0 {
            Pool::Sqlite { pool, .. } => sqlite_fingerprints(pool).await,
            Pool::Postgres(postgres) => postgres_fingerprints(&mut *postgres.long_read().await?).await,
        };
        prints.map_err(sqlx_error)
    }
}

pub(super) async fn postgres_fingerprints(open: &mut sqlx::PgConnection) -> std::result::Result<Fingerprints, sqlx::Error> {
    let names = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'seaql_migrations'";
    let mut all = Fingerprints::new();
    for table in sqlx::query_scalar::<_, String>(names).fetch_all(&mut *open).await? {
        let sql = format!(
            "SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint::numeric), 0)::text FROM \"{table}\" t"
        );
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut *open).await?;
        all.insert(table, Fingerprint { rows: row.try_get(0)?, hash: row.try_get(1)? });
    }
    Ok(all)
}

pub(super) async fn sqlite_fingerprints(pool: &sqlx::SqlitePool) -> std::result::Result<Fingerprints, sqlx::Error> {
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'seaql_migrations'";
    let mut tx = pool.begin().await?;
    let mut all = Fingerprints::new();
    for table in sqlx::query_scalar::<_, String>(names).fetch_all(&mut *tx).await? {
        let print = sqlite_fingerprint(&mut tx, &table).await?;
        all.insert(table, print);
    }
    Ok(all)
}

async fn sqlite_fingerprint(open: &mut sqlx::SqliteConnection, table: &str) -> std::result::Result<Fingerprint, sqlx::Error> {
    let columns = sqlx::query_scalar::<_, String>("SELECT name FROM pragma_table_info(?1)").bind(table).fetch_all(&mut *open).await?;
    let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
    let sql = format!("SELECT {} FROM \"{table}\"", quoted.join(" || '|' || "));
    let mut rows = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).fetch(open);
    let (mut count, mut sum) = (0, 0_u128);
    while let Some(row) = rows.try_next().await? {
        let digest = Sha256::digest(row.as_bytes());
        let mut head = [0; 16];
        head.copy_from_slice(&digest[..16]);
        sum = sum.wrapping_add(u128::from_be_bytes(head));
        count += 1;
    }
    Ok(Fingerprint { rows: count, hash: format!("{sum:032x}") })
}
