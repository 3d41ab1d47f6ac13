//! Whole-database copies.

use super::database::{Database, Pool, sqlx_error};
use super::fingerprint::{Fingerprints, postgres_fingerprints, sqlite_fingerprints};
use crate::{Error, Result};
use migration::row_security::SYSTEM_ROLE;
use percent_encoding::percent_decode_str;
use reqwest::Url;
use sea_orm::sqlx;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

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
                let mut dump = client("pg_dump", &postgres.url)?;
                dump.arg(format!("--snapshot={snapshot}")).args(["--format=custom", "--no-owner"]);
                dump.args(["--enable-row-security", "--role", SYSTEM_ROLE, "--file"]).arg(file);
                run(dump).await?;
                postgres_fingerprints(&mut tx).await.map_err(sqlx_error)
            }
        }
    }

    /// Replaces everything in this database by a copy made by [`Database::backup`]. Nothing else may use it meanwhile.
    pub async fn restore(self, file: &Path) -> Result<()> {
        if !file.exists() {
            return Err(Error::internal(format!("{} does not exist", file.display())));
        }
        match self.0 {
            Pool::Sqlite { pool, writer, path, .. } => {
                check_sqlite(file).await?;
                pool.close().await;
                writer.close().await;
                for side in ["-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{path}{side}"));
                }
                // A copy beside the target and a rename: a crash leaves the old file or the new one.
                let fresh = format!("{path}.restoring");
                std::fs::copy(file, &fresh)?;
                std::fs::File::open(&fresh)?.sync_all()?;
                Ok(std::fs::rename(&fresh, &path)?)
            }
            Pool::Postgres(postgres) => {
                postgres.make_roles().await?;
                postgres.close().await;
                let mut restore = client("pg_restore", &postgres.url)?;
                restore.args(["--clean", "--if-exists", "--no-owner", "--single-transaction"]).arg(file);
                run(restore).await
            }
        }
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
    pool.close().await;
    steps.map(drop).map_err(|_| Error::internal(format!("{} is not a backup of ours", file.display())))
}

/// A PostgreSQL program and the database it works on. The password goes through its environment: what stands among the
/// arguments of a process is there to be read by everybody on the machine.
fn client(program: &str, url: &str) -> Result<Command> {
    let bad = || Error::internal("DATABASE_URL cannot be read as an address");
    let mut address = Url::parse(url).map_err(|_| bad())?;
    let mut password = address.password().map(|text| percent_decode_str(text).decode_utf8_lossy().into_owned());
    let asked: Vec<(String, String)> = address.query_pairs().into_owned().collect();
    let (secret, rest): (Vec<_>, Vec<_>) = asked.into_iter().partition(|(name, _)| name == "password");
    password = secret.into_iter().next().map(|(_, value)| value).or(password);
    address.set_password(None).map_err(|()| bad())?;
    if rest.is_empty() {
        address.set_query(None);
    } else {
        address.query_pairs_mut().clear().extend_pairs(rest);
    }
    let mut command = Command::new(program);
    command.arg("--dbname").arg(address.as_str()).stdin(Stdio::null());
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    Ok(command)
}

async fn run(mut command: Command) -> Result<()> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let done = command.output().await;
    let done = done.map_err(|e| Error::internal(format!("{program} cannot be started: {e}. Install the PostgreSQL client programs.")))?;
    if done.status.success() {
        return Ok(());
    }
    Err(Error::internal(format!("{program} failed: {}", String::from_utf8_lossy(&done.stderr).trim())))
}

#[cfg(test)]
mod tests {
    use super::client;
    use crate::inventory::movements;
    use crate::locale::Locale;
    use crate::scope::{Database, DatabaseOptions};
    use crate::testing::{Fixture, movement};
    use entities::inventory::stock_movement::StockMovementKind;
    use tokio_util::sync::CancellationToken;

    #[test]
    fn the_password_is_in_the_environment_of_the_program_and_not_among_its_arguments() {
        for (url, argument, password) in [
            ("postgres://awa:t%C3%A9r%40nga+1@db:5432/x", "postgres://awa@db:5432/x", Some("tér@nga+1")),
            ("postgresql://awa@db/x?sslmode=require&password=geheim", "postgresql://awa@db/x?sslmode=require", Some("geheim")),
            ("postgres://awa@db/x", "postgres://awa@db/x", None),
        ] {
            let command = client("pg_dump", url).unwrap();
            let arguments: Vec<_> = command.as_std().get_args().collect();
            assert_eq!(arguments, ["--dbname", argument]);
            let known = command.as_std().get_envs().find(|(name, _)| *name == "PGPASSWORD").and_then(|(_, value)| value);
            assert_eq!(known, password.map(std::ffi::OsStr::new));
        }
    }

    #[tokio::test]
    async fn a_restored_copy_has_equal_row_hashes() {
        let fixture = Fixture::new().await;
        fixture.product().on_hand(5).create().await;
        let before = fixture.app.database().fingerprint().await.unwrap();
        assert_eq!(before["stock_movements"].rows, 1);
        let file = fixture.data_dir().join("copy.backup");
        assert_eq!(fixture.app.database().backup(&file).await.unwrap(), before);
        assert!(fixture.app.database().backup(&file).await.is_err(), "a backup never overwrites another");
        fixture.product().on_hand(7).create().await;
        assert_ne!(fixture.app.database().fingerprint().await.unwrap(), before);
        let options: DatabaseOptions = fixture.app.settings().database.clone();
        fixture.app.database().close().await;
        Database::connect(&options).await.unwrap().restore(&file).await.unwrap();
        assert_eq!(Database::connect(&options).await.unwrap().fingerprint().await.unwrap(), before);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_fingerprints_of_a_backup_are_those_of_the_copy_while_others_write() {
        let fixture = Fixture::new().await;
        let product = fixture.product().on_hand(5).create().await;
        let warehouse = fixture.warehouse().await;
        let (stop, writing) = (CancellationToken::new(), fixture.caller.clone());
        let (app, stopped) = (fixture.app.clone(), stop.clone());
        let writer = tokio::spawn(async move {
            let mut written = 0;
            while !stopped.is_cancelled() {
                let scope = writing.scope(&app, Locale::Fr).unwrap();
                movements::record(&scope, movement(&product, &warehouse, StockMovementKind::Receipt, 1)).await.unwrap();
                written += 1;
            }
            written
        });
        let (database, file) = (fixture.app.database(), fixture.data_dir().join("busy.backup"));
        while database.fingerprint().await.unwrap()["stock_movements"].rows < 5 {
            tokio::task::yield_now().await;
        }
        let told = database.backup(&file).await.unwrap();
        let reached = told["stock_movements"].rows;
        while database.fingerprint().await.unwrap()["stock_movements"].rows <= reached {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        assert!(writer.await.unwrap() >= reached, "it wrote all the while");
        let options: DatabaseOptions = fixture.app.settings().database.clone();
        database.close().await;
        Database::connect(&options).await.unwrap().restore(&file).await.unwrap();
        assert_eq!(Database::connect(&options).await.unwrap().fingerprint().await.unwrap(), told);
    }
}
