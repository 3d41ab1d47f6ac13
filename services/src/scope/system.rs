use super::doorway::DoorwayStatement;
use super::{Sql, Tx};
use crate::{App, Result};
use entities::Timestamp;
use uuid::Uuid;

/// The system across all organisations: the job ledger, schedules, set-based evaluation, clean-up.
///
/// It speaks only through [`Sql`] files. A test lists every module that makes one.
#[derive(Clone)]
pub struct SystemScope {
    app: App,
}

impl SystemScope {
    pub fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }
    pub fn app(&self) -> &App {
        &self.app
    }
    pub fn now(&self) -> Timestamp {
        self.app.clock().now()
    }
    pub fn new_id<I: From<Uuid>>(&self) -> I {
        self.app.new_id()
    }

    /// A snapshot over all organisations.
    pub(crate) async fn read(&self) -> Result<SystemTx> {
        Ok(SystemTx { tx: self.app.database().read(None).await? })
    }

    /// A transaction over all organisations.
    pub(crate) async fn begin(&self) -> Result<SystemTx> {
        Ok(SystemTx { tx: self.app.database().write(None).await? })
    }
}

/// A transaction of the system.
pub struct SystemTx {
    tx: Tx,
}

impl SystemTx {
    pub(crate) fn statement(&self, sql: &'static Sql) -> DoorwayStatement<'_> {
        DoorwayStatement { tx: &self.tx, sql, bound: Vec::new() }
    }

    pub(crate) fn backend(&self) -> sea_orm::DbBackend {
        use sea_orm::ConnectionTrait;
        self.tx.get_database_backend()
    }

    pub async fn commit(self) -> Result<()> {
        self.tx.commit().await
    }
}
