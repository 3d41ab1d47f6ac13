//! PostgreSQL: every transaction and every lone statement says for which tenant it acts.
//!
//! Connections are opened in the role `teranga_app`, which sees no row until a tenant is said; a transaction of the system
//! takes on `teranga_system`, in which the connection for the system's lone statements is opened. See [`migration::row_security`].
//! Migrations and backups use the login itself.

use super::connections::{Connection, Connections};
use super::database::{DatabaseOptions, Reader, sqlx_error};
use super::leak;
use crate::Result;
use entities::TenantId;
use migration::row_security::{self, APP_ROLE, SYSTEM_ROLE};
use migration::{Migrator, MigratorTrait};
use sea_orm::DatabaseConnection;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sea_orm::sqlx::{self, AssertSqlSafe};
use std::str::FromStr;
use std::time::Duration;

/// The pools of one PostgreSQL database.
#[derive(Clone)]
pub(super) struct Postgres {
    tenants: Connections,
    /// In the role of the system, for its lone statements: one at a time.
    system: Connections,
    /// As the login, for what concerns the whole database. Used seldom, and empty between.
    login: PgPool,
    pub(super) url: String,
}

impl Postgres {
    /// Opens a connection, or says why it cannot be; the others are opened as they are needed.
    pub(super) async fn connect(options: &DatabaseOptions) -> Result<Self, sqlx::Error> {
        let server = PgConnectOptions::from_str(&options.url)?.application_name("teranga").statement_cache_capacity(512);
        let login = pool(2).idle_timeout(Duration::from_secs(10)).connect_lazy_with(server.clone());
        let connect = server
            // Statements are few, and planned once a connection: planning each anew costs more than most take to run. A plan
            // made while a table is small would read it whole for as long as the connection lives, so none may where a key can do.
            .options([("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off"), ("jit", "off")])
            // Room for the tables of an evaluation, taken as it is needed.
            .options([("temp_buffers", "64MB"), ("idle_in_transaction_session_timeout", "60s")]);
        let system = Connections::of(pool(1).connect_lazy_with(connect.clone().options([("role", SYSTEM_ROLE)])));
        let most = options.max_connections.saturating_sub(1).max(1);
        let tenants = Connections::of(pool(most).connect_lazy_with(connect.options([("role", APP_ROLE)])));
        let postgres = Self { tenants, system, login, url: options.url.clone() };
        match postgres.tenants.take().await {
            // One that was never migrated may lack the role to act in.
            Err(sqlx::Error::Database(_)) => drop(postgres.login.acquire().await?),
            connected => drop(connected?),
        }
        Ok(postgres)
    }

    pub(super) async fn migrate(&self) -> Result<()> {
        if self.steps_left().await == Some(0) {
            return Ok(());
        }
        let mut lock = self.login.acquire().await.map_err(sqlx_error)?;
        sqlx::query("SELECT pg_advisory_lock(7424242)").execute(&mut *lock).await.map_err(sqlx_error)?;
        let done = self.migrate_alone().await;
        sqlx::query("SELECT pg_advisory_unlock(7424242)").execute(&mut *lock).await.map_err(sqlx_error)?;
        done
    }

    async fn migrate_alone(&self) -> Result<()> {
        let database = DatabaseConnection::from(self.login.clone());
        Migrator::up(&database, None).await?;
        Ok(row_security::enforce(&database).await?)
    }

    /// The roles a copy of another cluster refers to.
    pub(super) async fn make_roles(&self) -> Result<()> {
        Ok(row_security::make_roles(&DatabaseConnection::from(self.login.clone())).await?)
    }

    pub(super) async fn pending_migrations(&self) -> Result<usize> {
        match self.steps_left().await {
            Some(left) => Ok(left),
            // Without the schema there may be no role to ask as; without the database this says so, too.
            None => Ok(Migrator::get_pending_migrations(&DatabaseConnection::from(self.login.clone())).await?.len().max(1)),
        }
    }

    /// How many steps of the schema's history are missing, as far as one may see who acts for tenants.
    async fn steps_left(&self) -> Option<usize> {
        let done = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM seaql_migrations")
            .fetch_one(&mut *self.tenants.take().await.ok()?)
            .await
            .ok()?;
        Some(Migrator::migrations().len().saturating_sub(usize::try_from(done).ok()?))
    }

    #[cfg(any(test, feature = "test-support"))]
    pub(super) fn login(&self) -> &PgPool {
        &self.login
    }

    pub(super) async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&mut *self.tenants.take().await?).await.map(drop)
    }

    pub(super) async fn close(&self) {
        self.tenants.close().await;
        self.system.close().await;
        self.login.close().await;
    }

    /// A snapshot; one round trip opens it.
    pub(super) async fn read(&self, tenant: Option<TenantId>, reader: Reader) -> Result<Connection> {
        // Sent as one message, so that the limit costs no round trip. It ends with the transaction.
        let limit = if reader == Reader::Person { "; SET LOCAL statement_timeout = '5s'" } else { "" };
        self.begin(format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY{limit}; {}", acting_for(tenant))).await
    }

    /// A snapshot over everything that may be idle for as long as it likes, such as while it is copied.
    pub(super) async fn long_read(&self) -> Result<Connection> {
        let limit = "SET LOCAL idle_in_transaction_session_timeout = 0";
        self.begin(format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {limit}; {}", acting_for(None))).await
    }

    pub(super) async fn write(&self, tenant: Option<TenantId>) -> Result<Connection> {
        self.begin(format!("BEGIN; {}", acting_for(tenant))).await
    }

    /// A connection for one statement that says its tenant itself; it sees no row of a tenant otherwise.
    pub(super) async fn alone(&self) -> Result<Connection> {
        let mut connection = self.tenants.take().await.map_err(sqlx_error)?;
        if leak::walls_down() {
            let everybody = AssertSqlSafe(format!("SET ROLE {SYSTEM_ROLE}"));
            sqlx::raw_sql(everybody).execute(&mut *connection).await.map_err(sqlx_error)?;
            connection.spend();
        }
        Ok(connection)
    }

    /// The connection for lone statements of the system.
    pub(super) async fn system_alone(&self) -> Result<Connection> {
        self.system.take().await.map_err(sqlx_error)
    }

    async fn begin(&self, statement: String) -> Result<Connection> {
        self.tenants.begin(statement).await.map_err(sqlx_error)
    }
}

/// From here on, the transaction acts inside one organisation.
pub(super) async fn enter(transaction: &mut Connection, tenant: TenantId) -> Result<()> {
    let sql = format!("SET LOCAL ROLE {APP_ROLE}; {}", acting_for(Some(tenant)));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **transaction).await.map(drop).map_err(sqlx_error)
}

/// What tells PostgreSQL whose rows a transaction may see. The tenant is a UUID, and cannot hold anything else.
fn acting_for(tenant: Option<TenantId>) -> String {
    match tenant.filter(|_| !leak::walls_down()) {
        Some(tenant) => format!("SET LOCAL app.tenant = '{}'", tenant.0),
        None => format!("SET LOCAL ROLE {SYSTEM_ROLE}"),
    }
}

fn pool(most: u32) -> PgPoolOptions {
    PgPoolOptions::new().max_connections(most).acquire_timeout(Duration::from_secs(5)).test_before_acquire(false)
}
