use super::connections::Connection;
use super::sql::keeps_plan;
use super::{guard, postgres};
use crate::{Error, Result};
use entities::TenantId;
use sea_orm::sqlx::{self, Sqlite, Transaction};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// An open transaction of either database: the one door every statement goes through, and where the guard stands.
pub(crate) struct Tx {
    raw: Mutex<Option<Raw>>,
    backend: DbBackend,
    /// None: the system, which sees all.
    tenant: Option<TenantId>,
    statements: AtomicU32,
    /// SQLite has one writer; waiting in line here is fair, waiting inside SQLite is not.
    _turn: Option<OwnedMutexGuard<()>>,
}

enum Raw {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Connection),
    /// Without a transaction: each statement for itself.
    PostgresAlone(Connection),
}

impl Tx {
    pub(super) fn sqlite(raw: Transaction<'static, Sqlite>, tenant: Option<TenantId>, turn: Option<OwnedMutexGuard<()>>) -> Self {
        Self::new(Raw::Sqlite(raw), DbBackend::Sqlite, tenant, turn)
    }

    pub(super) fn postgres(raw: Connection, tenant: Option<TenantId>) -> Self {
        Self::new(Raw::Postgres(raw), DbBackend::Postgres, tenant, None)
    }

    pub(super) fn postgres_alone(raw: Connection, tenant: Option<TenantId>) -> Self {
        Self::new(Raw::PostgresAlone(raw), DbBackend::Postgres, tenant, None)
    }

    fn new(raw: Raw, backend: DbBackend, tenant: Option<TenantId>, turn: Option<OwnedMutexGuard<()>>) -> Self {
        Self { raw: Mutex::new(Some(raw)), backend, tenant, statements: AtomicU32::new(0), _turn: turn }
    }

    /// The same transaction, from here on inside one organisation.
    pub(super) async fn narrow(mut self, tenant: TenantId) -> Result<Self> {
        if let Some(Raw::Postgres(raw)) = self.raw.get_mut() {
            postgres::enter(raw, tenant).await?;
        }
        self.tenant = Some(tenant);
        Ok(self)
    }

    pub(super) async fn commit(&self) -> Result<()> {
        let done = match self.raw.lock().await.take() {
            Some(Raw::Sqlite(raw)) => raw.commit().await,
            Some(Raw::Postgres(raw)) => raw.commit().await,
            Some(Raw::PostgresAlone(_)) => Ok(()),
            None => return Err(Error::internal("the transaction is over")),
        };
        done.map_err(|e| Error::from(DbErr::Exec(RuntimeErr::SqlxError(e.into()))))
    }

    /// How many statements went through.
    pub(super) fn statements(&self) -> u32 {
        self.statements.load(Ordering::Relaxed)
    }

    fn admit(&self, statement: &Statement) -> std::result::Result<(), DbErr> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match self.tenant {
            Some(tenant) if !super::leaking() => guard::check(statement, tenant).map_err(DbErr::Custom),
            _ => Ok(()),
        }
    }
}

fn over() -> DbErr {
    DbErr::Custom("the transaction is over".to_owned())
}

fn parts(statement: Statement) -> (String, SqlxValues) {
    (statement.sql, SqlxValues(statement.values.unwrap_or(sea_orm::Values(Vec::new()))))
}

fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> std::result::Result<ExecResult, DbErr> {
        self.admit(&statement)?;
        let (sql, values) = parts(statement);
        let kept = keeps_plan(&sql);
        let sql = sqlx::AssertSqlSafe(sql);
        let done = match self.raw.lock().await.as_mut().ok_or_else(over)? {
            Raw::Sqlite(raw) => sqlx::query_with(sql, values).execute(&mut **raw).await.map(ExecResult::from),
            Raw::Postgres(raw) => sqlx::query_with(sql, values).persistent(kept).execute(&mut **raw).await.map(ExecResult::from),
            Raw::PostgresAlone(raw) => {
                let done = sqlx::query_with(sql, values).persistent(kept).execute(raw.alone()).await;
                raw.ended(done).map(ExecResult::from)
            }
        };
        done.map_err(|e| DbErr::Exec(RuntimeErr::SqlxError(e.into())))
    }

    async fn execute_unprepared(&self, sql: &str) -> std::result::Result<ExecResult, DbErr> {
        self.execute_raw(Statement::from_string(self.backend, sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> std::result::Result<Option<QueryResult>, DbErr> {
        self.admit(&statement)?;
        let (sql, values) = parts(statement);
        let kept = keeps_plan(&sql);
        let sql = sqlx::AssertSqlSafe(sql);
        let row = match self.raw.lock().await.as_mut().ok_or_else(over)? {
            Raw::Sqlite(raw) => sqlx::query_with(sql, values).fetch_optional(&mut **raw).await.map(|row| row.map(QueryResult::from)),
            Raw::Postgres(raw) => {
                sqlx::query_with(sql, values).persistent(kept).fetch_optional(&mut **raw).await.map(|row| row.map(QueryResult::from))
            }
            Raw::PostgresAlone(raw) => {
                let row = sqlx::query_with(sql, values).persistent(kept).fetch_optional(raw.alone()).await;
                raw.ended(row).map(|row| row.map(QueryResult::from))
            }
        };
        row.map_err(query_error)
    }

    async fn query_all_raw(&self, statement: Statement) -> std::result::Result<Vec<QueryResult>, DbErr> {
        self.admit(&statement)?;
        let (sql, values) = parts(statement);
        let kept = keeps_plan(&sql);
        let sql = sqlx::AssertSqlSafe(sql);
        let rows = match self.raw.lock().await.as_mut().ok_or_else(over)? {
            Raw::Sqlite(raw) => {
                sqlx::query_with(sql, values).fetch_all(&mut **raw).await.map(|rows| rows.into_iter().map(QueryResult::from).collect())
            }
            Raw::Postgres(raw) => sqlx::query_with(sql, values)
                .persistent(kept)
                .fetch_all(&mut **raw)
                .await
                .map(|rows| rows.into_iter().map(QueryResult::from).collect()),
            Raw::PostgresAlone(raw) => {
                let rows = sqlx::query_with(sql, values).persistent(kept).fetch_all(raw.alone()).await;
                raw.ended(rows).map(|rows| rows.into_iter().map(QueryResult::from).collect())
            }
        };
        rows.map_err(query_error)
    }
}
