//! Whole-database copies.

mod programs;
#[cfg(test)]
mod tests;

use super::database::{Database, Pool, sqlx_error};
use super::fingerprint::{Fingerprints, postgres_fingerprints, sqlite_fingerprints};
use crate::{Error, Result};
use migration::row_security::SYSTEM_ROLE;
use sea_orm::sqlx;
use std::path::Path;
use std::time::Duration;

impl Database {
    /// Writes a consistent copy to a file that must not exist yet: `VACUUM INTO` on SQLite, `pg_dump` on PostgreSQL. The
    /// fingerprints are the copy's own, whatever is written meanwhile.
    pub async fn backup(&self, file: &Path) -> Result<Fingerprints> {
        if file.exists() {
            return Err(Error::internal(format!("{} exists already; give a new name", file.display())));
        }
        match &self.0 {
            Pool::Sqlite { pool, .. } => {
                sqlx::query("VACUUM INTO ?1").bind(file.display().to_string()).execute(pool).await.map_err(sqlx_error)?;
                let copy = open_sqlite(file).await?;
                let prints = sqlite_fingerprints(&copy).await;
                copy.close().await;
                prints.map_err(sqlx_error)
            }
            Pool::Postgres(postgres) => {
                // The transaction shares its snapshot with `pg_dump`, and is idle for as long as that takes.
                let mut tx = postgres.long_read().await?;
                let snapshot: String = sqlx::query_scalar("SELECT pg_export_snapshot()").fetch_one(&mut *tx).await.map_err(sqlx_error)?;
                let mut dump = programs::client("pg_dump", &postgres.url)?;
                dump.arg(format!("--snapshot={snapshot}")).args(["--format=custom", "--no-owner"]);
                dump.args(["--enable-row-security", "--role", SYSTEM_ROLE, "--file"]).arg(file);
                programs::run(dump).await?;
                postgres_fingerprints(&mut tx).await.map_err(sqlx_error)
            }
        }
    }

    /// Replaces everything in this database, of whatever release, by a copy made by [`Database::backup`]. Nothing else may use
    /// it meanwhile: SQLite is refused while somebody does, PostgreSQL waits for whoever holds a table.
    pub async fn restore(self, file: &Path) -> Result<()> {
        if !file.exists() {
            return Err(Error::internal(format!("{} does not exist", file.display())));
        }
        match self.0 {
            Pool::Sqlite { pool, writer, path, .. } => {
                check_sqlite(file).await?;
                pool.close().await;
                writer.close().await;
                be_alone(&path).await?;
                // A copy beside the target and a rename: a crash leaves the old file or the new one.
                let fresh = format!("{path}.restoring");
                std::fs::copy(file, &fresh)?;
                std::fs::File::open(&fresh)?.sync_all()?;
                Ok(std::fs::rename(&fresh, &path)?)
            }
            Pool::Postgres(postgres) => {
                postgres.make_roles().await?;
                postgres.close().await;
                programs::restore(&postgres.url, file).await
            }
        }
    }
}

/// Refuses while another process has the file open: it would go on writing into the one that is replaced. What lies in the
/// write-ahead log goes into the file, and the log goes.
async fn be_alone(path: &str) -> Result<()> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_secs(1));
    let pool = sqlx::SqlitePool::connect_with(options).await.map_err(sqlx_error)?;
    let mode = sqlx::query_scalar::<_, String>("PRAGMA journal_mode = DELETE").fetch_one(&pool).await;
    pool.close().await;
    match mode {
        Ok(mode) if mode == "delete" => Ok(()),
        _ => Err(Error::internal("the database is in use: stop the API and the workers, then restore again")),
    }
}

async fn open_sqlite(file: &Path) -> Result<sqlx::SqlitePool> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).read_only(true);
    sqlx::SqlitePool::connect_with(options).await.map_err(sqlx_error)
}

/// A file that is no database of ours must not replace one that is.
async fn check_sqlite(file: &Path) -> Result<()> {
    let pool = open_sqlite(file).await?;
    let steps = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM seaql_migrations").fetch_one(&pool).await;
    let sound = sqlx::query_scalar::<_, String>("PRAGMA quick_check(1)").fetch_one(&pool).await;
    pool.close().await;
    match (steps, sound) {
        (Ok(_), Ok(sound)) if sound == "ok" => Ok(()),
        (Ok(_), _) => Err(Error::internal(format!("{} is broken", file.display()))),
        _ => Err(Error::internal(format!("{} is not a backup of ours", file.display()))),
    }
}
