use super::doorway::DoorwayStatement;
use super::{Sql, Tx};
use crate::work::{self, NewJob};
use crate::{App, Result};
use entities::work::JobId;
use entities::{TenantId, Timestamp};
use std::sync::{Mutex, PoisonError};
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
        Ok(SystemTx { tx: self.app.database().read(None).await?, app: self.app.clone(), jobs: Mutex::default() })
    }

    /// For one statement that writes.
    pub(crate) async fn alone_to_write(&self) -> Result<SystemAlone> {
        Ok(SystemAlone { tx: self.app.database().alone(None, true).await? })
    }

    /// A transaction over all organisations.
    pub(crate) async fn begin(&self) -> Result<SystemTx> {
        let tx = self.app.database().write(None).await?;
        Ok(SystemTx { tx, app: self.app.clone(), jobs: Mutex::default() })
    }
}

/// One statement of the system by itself, without a transaction around it.
pub(crate) struct SystemAlone {
    tx: Tx,
}

impl SystemAlone {
    pub(crate) fn statement(&self, sql: &'static Sql) -> DoorwayStatement<'_> {
        DoorwayStatement { tx: &self.tx, sql, bound: Vec::new() }
    }
}

/// A transaction of the system.
pub struct SystemTx {
    tx: Tx,
    app: App,
    jobs: Mutex<Vec<(TenantId, NewJob)>>,
}

impl SystemTx {
    pub(crate) fn statement(&self, sql: &'static Sql) -> DoorwayStatement<'_> {
        DoorwayStatement { tx: &self.tx, sql, bound: Vec::new() }
    }

    pub(crate) fn backend(&self) -> sea_orm::DbBackend {
        use sea_orm::ConnectionTrait;
        self.tx.get_database_backend()
    }

    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    pub fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// Asks for a job of an organisation, or of the platform, written by the commit.
    pub(crate) fn enqueue(&self, tenant: TenantId, job: NewJob) -> JobId {
        let id = job.id;
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).push((tenant, job));
        id
    }

    pub async fn commit(self) -> Result<()> {
        let jobs = std::mem::take(&mut *self.jobs.lock().unwrap_or_else(PoisonError::into_inner));
        work::write_for_tenants(&self, &jobs).await?;
        self.tx.commit().await?;
        let jobs: Vec<NewJob> = jobs.into_iter().map(|(_, job)| job).collect();
        self.app.bell().announce(&jobs, self.app.now());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    fn makers(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
                makers(&path, found);
            }
            let source = path.extension().is_some_and(|extension| extension == "rs");
            let tests = path.file_name().is_some_and(|name| name == "tests.rs");
            if source && !tests && std::fs::read_to_string(&path).unwrap().contains(&["SystemScope", "::new("].concat()) {
                found.push(path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string());
            }
        }
    }

    #[test]
    fn few_modules_speak_for_the_system() {
        let mut found = Vec::new();
        for part in ["src", "../worker/src", "../api/src"] {
            makers(&Path::new(env!("CARGO_MANIFEST_DIR")).join(part), &mut found);
        }
        found.sort();
        assert_eq!(found, EXPECTED, "who acts over all organisations is weighed one by one");
    }

    const EXPECTED: [&str; 14] = [
        "../api/src/work/mod.rs",
        "../api/src/work/page/mod.rs",
        "../worker/src/alerts.rs",
        "../worker/src/lib.rs",
        "../worker/src/loops.rs",
        "../worker/src/main.rs",
        "../worker/src/registry.rs",
        "../worker/src/schedules.rs",
        "src/alerts/evaluate/jobs.rs",
        "src/demo.rs",
        "src/events/tail.rs",
        "src/idempotency/keeper.rs",
        "src/notifications/callbacks/status.rs",
        "src/work/claim.rs",
    ];
}
