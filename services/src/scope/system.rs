use super::database::Reader;
use super::doorway::{DoorwayStatement, claim};
use super::{Scope, Sql, Tx};
use crate::audit::{self, Asked, Beside, NewAudit, Operating};
use crate::identity::Caller;
use crate::work::{self, NewJob};
use crate::{App, Result};
use entities::work::JobId;
use entities::{TenantId, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// The system across all organisations: the job ledger, schedules, set-based evaluation, clean-up.
///
/// It speaks only through [`Sql`] files. A test lists every module that makes one.
#[derive(Clone)]
pub struct SystemScope {
    app: App,
    caller: Option<Scope>,
    operator: Option<Operating>,
}

impl SystemScope {
    pub fn new(app: &App) -> Self {
        Self { app: app.clone(), caller: None, operator: None }
    }
    /// The operator for whom it acts: what is written is written under the idempotency key of their call.
    #[must_use]
    pub fn called_by(self, caller: Option<&Scope>) -> Self {
        Self { caller: caller.cloned(), ..self }
    }
    pub(crate) fn caller(&self) -> Option<&Scope> {
        self.caller.as_ref()
    }
    /// The operator for whom it acts, and in which request: what they do is written down under their name.
    #[must_use]
    pub fn operated_by(self, operator: &Caller, asked: Arc<Asked>) -> Self {
        Self { operator: Some(Operating { user: operator.user, asked: Some(asked) }), ..self }
    }
    pub(crate) fn operating(&self) -> Option<&Operating> {
        self.operator.as_ref()
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
        let tx = self.app.database().read(None, Reader::Job).await?;
        Ok(self.over(tx, None))
    }

    /// A transaction over all organisations.
    pub(crate) async fn begin(&self) -> Result<SystemTx> {
        Ok(self.writing(self.app.database().write(None).await?))
    }

    /// For one statement over all organisations, which may be its own transaction: one round trip on PostgreSQL instead of
    /// three. The commit is needed all the same.
    pub(crate) async fn alone(&self) -> Result<SystemTx> {
        Ok(self.writing(self.app.database().system_alone().await?))
    }

    fn writing(&self, tx: Tx) -> SystemTx {
        self.over(tx, self.caller.clone())
    }

    fn over(&self, tx: Tx, caller: Option<Scope>) -> SystemTx {
        let (app, operator) = (self.app.clone(), self.operator.clone());
        SystemTx { tx, app, caller, operator, jobs: Mutex::default(), acts: Mutex::default() }
    }
}

/// A transaction of the system.
pub struct SystemTx {
    tx: Tx,
    app: App,
    caller: Option<Scope>,
    operator: Option<Operating>,
    jobs: Mutex<Vec<(TenantId, NewJob)>>,
    acts: Mutex<Vec<NewAudit>>,
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

    /// Notes what an operator does to the installation, written by the commit.
    pub(crate) fn audit(&self, act: NewAudit) {
        self.acts.lock().unwrap_or_else(PoisonError::into_inner).push(act);
    }

    /// Writes the acts among those of operators, and into the audit log of the organisation the operator is in, if any.
    async fn write_acts(&self) -> Result<()> {
        let acts = std::mem::take(&mut *self.acts.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(operator) = &self.operator {
            audit::write_of_operator(|sql| self.statement(sql), &self.app, operator, &acts).await?;
        }
        let Some(caller) = &self.caller else { return Ok(()) };
        let beside = |act| Beside { tenant: caller.tenant(), by: caller.user(), act };
        let acts: Vec<Beside> = acts.into_iter().map(beside).collect();
        audit::write_beside(|sql| self.statement(sql), &self.app, caller.asked(), &acts).await
    }

    pub async fn commit(self) -> Result<()> {
        self.write_acts().await?;
        let jobs = std::mem::take(&mut *self.jobs.lock().unwrap_or_else(PoisonError::into_inner));
        work::write_for_tenants(|sql| self.statement(sql), self.app.now(), &jobs).await?;
        if let Some(caller) = &self.caller {
            claim(caller, |sql| self.statement(sql)).await?;
        }
        self.tx.commit().await?;
        if let Some(caller) = &self.caller {
            caller.spend_idempotency().await;
        }
        let jobs: Vec<NewJob> = jobs.into_iter().map(|(_, job)| job).collect();
        self.app.bell().announce(&jobs, self.app.now());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// The modules below a folder that say these words, tests aside.
    fn modules_with(words: &str, folder: &Path, module: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let inner = if matches!(name.as_str(), "mod" | "lib") { module.to_owned() } else { format!("{module}::{name}") };
            if matches!(name.as_str(), "tests" | "testing") {
                continue;
            }
            if path.is_dir() {
                modules_with(words, &path, &inner, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                // Tests of the file's own come last; those of another file are named on top.
                let inline =
                    text.match_indices("#[cfg(test)]\nmod ").find(|(at, _)| !text[*at..].lines().nth(1).unwrap_or_default().ends_with(';'));
                let program = &text[..inline.map_or(text.len(), |(at, _)| at)];
                // `SystemScope::new` is not `Scope::new`.
                let said = program.match_indices(words).any(|(at, _)| !program[..at].ends_with(|c: char| c.is_alphanumeric()));
                found.extend(said.then_some(inner));
            }
        }
    }

    fn who_says(words: &str) -> Vec<String> {
        let mut found = Vec::new();
        for part in ["services", "worker", "api"] {
            modules_with(words, &Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(part).join("src"), part, &mut found);
        }
        found.sort();
        found
    }

    #[test]
    fn few_modules_speak_for_the_system() {
        assert_eq!(who_says("SystemScope::new("), EXPECTED, "who acts over all organisations is weighed one by one");
    }

    #[test]
    fn few_modules_act_in_any_organisation_with_every_right() {
        assert_eq!(who_says("Scope::system("), IN_ANY, "who acts beyond a member's permissions is weighed one by one");
    }

    #[test]
    fn few_modules_stand_in_the_doorway() {
        assert_eq!(who_says("Doorway::new("), DOORWAY, "who reads for nobody yet is weighed one by one");
    }

    const IN_ANY: [&str; 14] = [
        "services::audit::export",
        "services::audit::seal",
        "services::data_imports::run",
        "services::data_imports::standstill",
        "services::demo",
        "services::files::uploads",
        "services::identity::account_export",
        "services::identity::account_import",
        "services::identity::erasure::carry_out",
        "services::identity::notices",
        "services::notifications::callbacks::status",
        "services::notifications::cleanup",
        "services::work::admin",
        "worker::registry",
    ];

    const DOORWAY: [&str; 24] = [
        "api::context",
        "api::html::door",
        "api::main",
        "api::rescue",
        "services::demo",
        "services::identity::account_export",
        "services::identity::account_export::parts",
        "services::identity::account_import",
        "services::identity::api_tokens::used",
        "services::identity::devices",
        "services::identity::erasure::carry_out",
        "services::identity::external::links",
        "services::identity::forgotten",
        "services::identity::keys::ring",
        "services::identity::modules",
        "services::identity::oauth::apps",
        "services::identity::organizations",
        "services::identity::policies::set",
        "services::identity::security_events",
        "services::identity::standing",
        "services::notifications::callbacks::inbound",
        "services::notifications::callbacks::status",
        "services::notifications::deliver::twilio",
        "services::scope",
    ];

    const EXPECTED: [&str; 15] = [
        "api::verify",
        "api::work",
        "api::work::page",
        "services::alerts::evaluate::jobs",
        "services::demo",
        "services::events::tail",
        "services::idempotency::keeper",
        "services::notifications::callbacks::status",
        "services::work::claim",
        "worker",
        "worker::alerts",
        "worker::loops",
        "worker::main",
        "worker::registry",
        "worker::schedules",
    ];
}
