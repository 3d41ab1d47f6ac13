use super::postgres::Postgres;
use super::tx::Tx;
use crate::{Error, Result};
use entities::TenantId;
use migration::{Migrator, MigratorTrait};
use reqwest::Url;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sea_orm::{DatabaseConnection, DbBackend, DbErr, RuntimeErr, sqlx};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// The database of this process: SQLite in a file, or PostgreSQL. Only the scope module opens transactions on it.
#[derive(Clone)]
pub struct Database(pub(super) Pool);

#[derive(Clone)]
pub(super) enum Pool {
    /// One connection writes, so that what it has read of the file stays true from one transaction to the next.
    Sqlite {
        pool: SqlitePool,
        writer: SqlitePool,
        path: String,
        turn: Arc<Mutex<()>>,
    },
    Postgres(Postgres),
}

/// Who waits for what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// A client, who is told that it took too long after five seconds; PostgreSQL must not go on without them.
    Person,
    /// A job, which has as long as its lease is renewed.
    Job,
}

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct DatabaseOptions {
    /// `sqlite:path` or `postgres://…`.
    pub url: String,
    pub max_connections: u32,
    /// Whether SQLite waits for the disk at each commit; false risks the last commits in a power cut, never the file.
    pub durable: bool,
}

impl Database {
    /// Opens the pool and one connection, or says which database is not there.
    pub async fn connect(options: &DatabaseOptions) -> Result<Self> {
        if let Some(path) = options.url.strip_prefix("sqlite:") {
            let path = path.trim_start_matches("//").to_owned();
            let pool = SqlitePoolOptions::new().max_connections(options.max_connections.max(2)).test_before_acquire(false);
            let pool = pool.connect_with(sqlite(&path, options)).await.map_err(|e| unreachable_database(&path, e))?;
            let writer = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false).idle_timeout(None).max_lifetime(None);
            let writer = writer.connect_lazy_with(sqlite(&path, options).pragma("cache_size", WRITER_CACHE));
            return Ok(Self(Pool::Sqlite { pool, writer, path, turn: Arc::default() }));
        }
        let postgres = Postgres::connect(options).await.map_err(|e| unreachable_database(&without_password(&options.url), e))?;
        Ok(Self(Pool::Postgres(postgres)))
    }

    pub fn backend(&self) -> DbBackend {
        match &self.0 {
            Pool::Sqlite { .. } => DbBackend::Sqlite,
            Pool::Postgres(_) => DbBackend::Postgres,
        }
    }

    /// The SQLite file, when that is the database.
    pub fn sqlite_path(&self) -> Option<&str> {
        match &self.0 {
            Pool::Sqlite { path, .. } => Some(path),
            Pool::Postgres(_) => None,
        }
    }

    /// Brings the schema up to date; processes that start together wait for each other.
    pub async fn migrate(&self) -> Result<()> {
        match &self.0 {
            Pool::Sqlite { pool, path, .. } => {
                let lock = std::fs::File::create(format!("{path}.migrate"))?;
                tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await.map_err(Error::internal)??;
                Ok(Migrator::up(&DatabaseConnection::from(pool.clone()), None).await?)
            }
            Pool::Postgres(postgres) => postgres.migrate().await,
        }
    }

    /// How many steps of the schema's history this database lacks.
    pub async fn pending_migrations(&self) -> Result<usize> {
        match &self.0 {
            Pool::Sqlite { pool, .. } => Ok(Migrator::get_pending_migrations(&DatabaseConnection::from(pool.clone())).await?.len()),
            Pool::Postgres(postgres) => postgres.pending_migrations().await,
        }
    }

    /// Answers when the database does.
    pub async fn ping(&self) -> Result<()> {
        match &self.0 {
            Pool::Sqlite { pool, .. } => sqlx::query("SELECT 1").execute(pool).await.map(drop),
            Pool::Postgres(postgres) => postgres.ping().await,
        }
        .map_err(sqlx_error)
    }

    /// Runs a test's own statement, which no scope could.
    #[cfg(any(test, feature = "test-support"))]
    pub(crate) async fn change(&self, sql: &str) -> Result<()> {
        let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
        match &self.0 {
            Pool::Sqlite { writer, .. } => sql.execute(writer).await.map(drop),
            Pool::Postgres(postgres) => sql.execute(postgres.login()).await.map(drop),
        }
        .map_err(sqlx_error)
    }

    /// Closes every connection; SQLite's file is then whole without its write-ahead log, unless somebody else has it open.
    ///
    /// SQLite folds the log in when the last connection goes, but of two that go at once each takes the other for the last.
    pub async fn close(&self) {
        match &self.0 {
            Pool::Sqlite { pool, writer, .. } => {
                pool.close().await;
                if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(writer).await {
                    tracing::warn!(%error, "the write-ahead log stays beside the database; the next start reads it");
                }
                writer.close().await;
            }
            Pool::Postgres(postgres) => postgres.close().await,
        }
    }

    /// A snapshot for reading; on PostgreSQL one round trip opens it.
    pub(super) async fn read(&self, tenant: Option<TenantId>, reader: Reader) -> Result<Tx> {
        match &self.0 {
            Pool::Sqlite { pool, .. } => Ok(Tx::sqlite(pool.begin().await.map_err(sqlx_error)?, tenant, None)),
            Pool::Postgres(postgres) => Ok(Tx::postgres(postgres.read(tenant, reader).await?, tenant)),
        }
    }

    /// A transaction that writes.
    pub(super) async fn write(&self, tenant: Option<TenantId>) -> Result<Tx> {
        match &self.0 {
            Pool::Sqlite { writer, turn, .. } => {
                let turn = turn.clone().lock_owned().await;
                Ok(Tx::sqlite(writer.begin_with("BEGIN IMMEDIATE").await.map_err(sqlx_error)?, tenant, Some(turn)))
            }
            Pool::Postgres(postgres) => Ok(Tx::postgres(postgres.write(tenant).await?, tenant)),
        }
    }

    /// A connection of PostgreSQL for one statement of its own, which says itself for which organisation.
    pub(super) async fn alone(&self, tenant: TenantId) -> Result<Tx> {
        match &self.0 {
            Pool::Sqlite { .. } => Err(Error::internal("SQLite has no statements that say for whom they act")),
            Pool::Postgres(postgres) => Ok(Tx::postgres_alone(postgres.alone().await?, Some(tenant))),
        }
    }

    /// The system's, for one statement that writes: on PostgreSQL without a transaction around it.
    pub(super) async fn system_alone(&self) -> Result<Tx> {
        match &self.0 {
            Pool::Sqlite { .. } => self.write(None).await,
            Pool::Postgres(postgres) => Ok(Tx::postgres_alone(postgres.system_alone().await?, None)),
        }
    }
}

/// Pages the writer keeps, at most, in KiB when negative: the upper levels of every index of a large organisation.
const WRITER_CACHE: &str = "-65536";

fn sqlite(path: &str, options: &DatabaseOptions) -> SqliteConnectOptions {
    let synchronous = if options.durable { SqliteSynchronous::Full } else { SqliteSynchronous::Normal };
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .pragma("temp_store", "memory")
        .statement_cache_capacity(512)
}

pub(super) fn sqlx_error(error: sqlx::Error) -> Error {
    Error::from(DbErr::Conn(RuntimeErr::SqlxError(error.into())))
}

fn unreachable_database(which: &str, cause: sqlx::Error) -> Error {
    let cause = match cause {
        // The cause quotes what it could not read, which may be a secret in the wrong place.
        sqlx::Error::Configuration(_) => "its address cannot be read".to_owned(),
        cause => cause.to_string(),
    };
    Error::internal(format!("the database {which} cannot be opened: {cause}. Check DATABASE_URL, and that it runs and lets this user in."))
}

/// An address as it may be shown: a password may stand before the host or in the query, and in one that cannot be read
/// anywhere.
pub(crate) fn without_password(url: &str) -> String {
    let Ok(mut shown) = Url::parse(url) else {
        return url.split_once(':').map_or_else(String::new, |(scheme, _)| format!("{scheme}:…"));
    };
    let _ = shown.set_password(None);
    shown.set_query(None);
    shown.set_fragment(None);
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn says_which_database_is_not_there_and_what_to_do() {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let away = format!("postgres://awa:geheim@{nobody}/shop");
        let asked = format!("postgres://awa@{nobody}/shop?password=geheim");
        let shown = format!("postgres://awa@{nobody}/shop");
        for (url, shown) in [(&away, shown.clone()), (&asked, shown), (&"sqlite:/nowhere/x.db".to_owned(), "/nowhere/x.db".into())] {
            let options = DatabaseOptions { url: url.to_owned(), max_connections: 2, durable: false };
            let said = Database::connect(&options).await.err().expect("it is not there").to_string();
            for part in ["the database", &shown, "cannot be opened", "Check DATABASE_URL"] {
                assert!(said.contains(part), "{part} is not in: {said}");
            }
            assert!(!said.contains("geheim"), "{said}");
        }
    }

    #[test]
    fn shows_no_password_wherever_it_stands() {
        let shown = [
            ("postgres://awa:geheim@db/shop", "postgres://awa@db/shop"),
            ("postgres://awa@db/shop?password=geheim", "postgres://awa@db/shop"),
            ("postgres://awa@db/shop?sslmode=require&password=ge@heim", "postgres://awa@db/shop"),
            ("postgres://awa:ge?heim@db/shop", "postgres:…"),
            ("postgres://awa:ge/heim@db/shop", "postgres:…"),
            ("redis://:geheim@127.0.0.1:6379/#geheim", "redis://127.0.0.1:6379/"),
            ("unix:/run/redis.sock?pass=geheim", "unix:/run/redis.sock"),
            ("geheim", ""),
        ];
        for (url, wanted) in shown {
            assert_eq!(without_password(url), wanted, "{url}");
        }
    }
}
