//! Who is asking, for which organisation, and the only way to the database.
//!
//! | scope | who | reaches |
//! |---|---|---|
//! | [`Scope`] | an actor in one organisation | its tenant's rows, through [`Reads`] and [`TenantTx`] |
//! | [`Doorway`] | nobody yet | `Global` tables and a few named look-ups that return one row's tenant |
//! | [`SystemScope`] | the scheduler and data migrations | everything; a test lists its callers |
//!
//! Rules that always hold:
//! - No connection leaves this module. Entities are read and written through `select`, `insert`, `update`, `delete`,
//!   which exist only for [`entities::TenantScoped`] and add the tenant; SQL by hand goes through [`Sql`] files.
//! - What a permission may reach less than all of is read and written through [`ReadsWithin`] and [`TenantTx::lock_within`], which
//!   add whose rows are in reach; a row out of reach is not there.
//! - Every statement of a tenant's transaction is read by the [`guard`] before it is sent.
//! - An operation reads in one snapshot, opened by its first statement. Beginning to write ends that snapshot, so what
//!   follows sees what was written.
//! - Events and jobs of a [`TenantTx`] are written by its commit; only after it are they announced.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "this module is the door the bans point at")]

mod alone;
mod backup;
mod clock;
mod connections;
mod database;
mod doorway;
mod fingerprint;
mod first_pages;
mod guard;
mod leak;
mod pace;
mod postgres;
mod read;
mod sql;
mod system;
mod tables;
#[cfg(any(test, feature = "test-support"))]
pub(crate) mod test_databases;
#[cfg(test)]
mod tests;
mod tx;
mod write;

pub use clock::{Clock, Random};
pub(crate) use database::without_password;
pub use database::{Database, DatabaseOptions};
pub(crate) use doorway::DoorwayStatement;
pub(crate) use doorway::DoorwayStatement as SystemStatement;
pub use doorway::{Doorway, DoorwayTx};
pub use fingerprint::{Fingerprint, Fingerprints};
#[cfg(feature = "leak-canary")]
pub use leak::{Walls, put_all_in_reach, set_walls};
pub(crate) use leak::{all_in_reach, leaking};
pub(crate) use pace::Pace;
pub use read::{Reads, ReadsWithin, Scoped, Statements, Within};
pub use sql::{Column, Sql};
pub use system::{SystemScope, SystemTx};
pub use write::TenantTx;

use crate::audit::{Asked, Operating};
use crate::identity::api_tokens::UsedToken;
use crate::identity::{Grants, PROOF_LASTS, Permission, SESSION, modules, organizations};
use crate::locale::Locale;
use crate::{App, Code, Error, Result};
use database::Reader;
use entities::audit::event::ActorKind;
use entities::identity::{MembershipId, UserId};
use entities::{TenantId, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::{Mutex, OnceCell};
use tx::Tx;
use uuid::Uuid;

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person, through their membership of the scope's organisation.
    Member { user: UserId, membership: MembershipId },
    /// A job or a schedule.
    System,
}

/// One actor in one organisation, for the length of one operation.
#[derive(Clone)]
pub struct Scope(Arc<Inner>);

struct Inner {
    app: App,
    actor: Actor,
    tenant: TenantId,
    grants: Arc<Grants>,
    locale: Locale,
    reads: Mutex<Option<Arc<Tx>>>,
    statements: std::sync::atomic::AtomicU32,
    idempotency: Mutex<Option<crate::idempotency::Claim>>,
    organization: OnceCell<Arc<organizations::Facts>>,
    trace: OnceLock<Arc<str>>,
    proved_at: OnceLock<AtomicI64>,
    token: OnceLock<Arc<UsedToken>>,
    asked: OnceLock<Arc<Asked>>,
    caller: OnceLock<Scope>,
    operator: OnceLock<Operating>,
}

impl Scope {
    /// Made by `identity` from a checked token, by the worker for a job of one organisation, and by tests.
    pub(crate) fn new(app: App, actor: Actor, tenant: TenantId, grants: Arc<Grants>, locale: Locale) -> Self {
        let (reads, idempotency) = (Mutex::new(None), Mutex::new(None));
        Self(Arc::new(Inner {
            app,
            actor,
            tenant,
            grants,
            locale,
            reads,
            idempotency,
            organization: OnceCell::new(),
            trace: OnceLock::new(),
            proved_at: OnceLock::new(),
            token: OnceLock::new(),
            asked: OnceLock::new(),
            caller: OnceLock::new(),
            operator: OnceLock::new(),
            statements: 0.into(),
        }))
    }

    /// The system acting inside one organisation, with every permission.
    pub fn system(app: &App, tenant: TenantId, locale: Locale) -> Self {
        Self::new(app.clone(), Actor::System, tenant, Arc::new(Grants::all()), locale)
    }

    pub fn app(&self) -> &App {
        &self.0.app
    }
    pub fn actor(&self) -> Actor {
        self.0.actor
    }
    pub fn tenant(&self) -> TenantId {
        self.0.tenant
    }
    pub fn grants(&self) -> &Grants {
        &self.0.grants
    }
    pub fn locale(&self) -> Locale {
        self.0.locale
    }
    pub fn now(&self) -> Timestamp {
        self.0.app.clock().now()
    }
    pub fn new_id<I: From<Uuid>>(&self) -> I {
        self.0.app.new_id()
    }
    /// The acting membership; none for the system.
    pub fn membership(&self) -> Option<MembershipId> {
        match self.0.actor {
            Actor::Member { membership, .. } => Some(membership),
            Actor::System => None,
        }
    }
    /// The acting person; none for the system.
    pub fn user(&self) -> Option<UserId> {
        match self.0.actor {
            Actor::Member { user, .. } => Some(user),
            Actor::System => None,
        }
    }

    /// The id of the request this is done for: jobs asked for here carry it on. Said once, where the scope is made.
    pub fn trace(&self, request_id: Arc<str>) {
        let _ = self.0.trace.set(request_id);
    }
    pub fn traced(&self) -> Option<&Arc<str>> {
        self.0.trace.get()
    }

    /// The request this is done in, for the audit log. Said once, where the scope is made.
    pub fn asked_in(&self, asked: Arc<Asked>) {
        let _ = self.0.asked.set(asked);
    }
    pub(crate) fn asked(&self) -> Option<&Arc<Asked>> {
        self.0.asked.get()
    }

    /// The same actor in the same request, for what is done beside its operation: of that, nothing is touched.
    pub(crate) fn beside(&self) -> Self {
        let Inner { app, actor, tenant, grants, locale, .. } = &*self.0;
        let beside = Self::new(app.clone(), *actor, *tenant, grants.clone(), *locale);
        if let Some(asked) = self.asked() {
            beside.asked_in(asked.clone());
        }
        if let Some(token) = self.token() {
            beside.came_with(token.clone());
        }
        beside
    }

    /// The organisation as last seen, a second ago at most. Said once, where the scope is made.
    pub(crate) fn in_organization(&self, facts: Arc<organizations::Facts>) {
        let _ = self.0.organization.set(facts);
    }
    /// What is known of the organisation without asking for it.
    pub(crate) fn known_organization(&self) -> Option<&Arc<organizations::Facts>> {
        self.0.organization.get()
    }

    /// The operator for whom the system acts here: what is written is written under the idempotency key of their call.
    /// Said once, where the scope is made.
    pub(crate) fn called_by(&self, caller: Scope) {
        if let Some(asked) = caller.asked() {
            self.asked_in(asked.clone());
        }
        let _ = self.0.caller.set(caller);
    }

    /// The operator for whom the system acts here, whatever organisation they are in. Said once, where the scope is made.
    pub(crate) fn operated_by(&self, operator: Operating) {
        if let Some(asked) = &operator.asked {
            self.asked_in(asked.clone());
        }
        let _ = self.0.operator.set(operator);
    }
    pub(crate) fn operating(&self) -> Option<&Operating> {
        self.0.operator.get()
    }

    /// Whether it is the scope of the same operation.
    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// As what kind of actor it is written down, and which operator acts as the system.
    fn acting_as(&self) -> (ActorKind, Option<UserId>) {
        let operator = self.operating().map(|operator| operator.user);
        match (self.0.actor, operator.or_else(|| self.0.caller.get().and_then(Scope::user))) {
            (Actor::Member { .. }, _) if self.token().is_some() => (ActorKind::ApiKey, None),
            (Actor::Member { .. }, _) => (ActorKind::User, None),
            (Actor::System, None) => (ActorKind::System, None),
            (Actor::System, operator) => (ActorKind::Support, operator),
        }
    }

    /// Whether the actor has the permission.
    pub fn may(&self, permission: Permission) -> bool {
        self.0.grants.allow(permission)
    }

    /// Refuses an actor without the permission; where it is one to change something, the audit log has it.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) {
            return Ok(());
        }
        // Not for want of a right: nobody has it while its module is off.
        if self.known_organization().is_some_and(|facts| modules::refuses(facts, permission)) {
            return Err(Error::Forbidden(modules::MODULE_OFF));
        }
        crate::audit::refused(self, permission);
        let out_of_scope = self.token().is_some_and(|token| token.lacks_scope(permission));
        Err(if out_of_scope { Error::OutOfScope(permission.code()) } else { Error::Forbidden(permission.code()) })
    }

    /// When the person last proved who they are: said where the scope is made, and by whoever does so in it.
    pub(crate) fn proved(&self, at: Timestamp) {
        self.0.proved_at.get_or_init(|| AtomicI64::new(at.0)).fetch_max(at.0, Ordering::Relaxed);
    }
    /// The actor came with this API token. Said once, where the scope is made.
    pub(crate) fn came_with(&self, token: Arc<UsedToken>) {
        let _ = self.0.token.set(token);
    }
    /// The API token the actor came with.
    pub(crate) fn token(&self) -> Option<&Arc<UsedToken>> {
        self.0.token.get()
    }
    /// Refuses a program: for what is a person's alone, or told to them alone.
    pub fn require_session(&self) -> Result<()> {
        if self.token().is_some() { Err(Error::Forbidden(SESSION)) } else { Ok(()) }
    }

    pub(crate) fn proved_at(&self) -> Option<Timestamp> {
        self.0.proved_at.get().map(|at| Timestamp(at.load(Ordering::Relaxed)))
    }

    /// Refuses a program, and a person who has not proved for a while who they are; the system needs no proof.
    pub fn require_proof(&self) -> Result<()> {
        self.require_session()?;
        match self.proved_at() {
            Some(at) if self.now().since(at) > PROOF_LASTS => {
                Err(Error::refuse(Code::ProofRequired, "", self.locale().say("proof-required", &[])))
            }
            _ => Ok(()),
        }
    }

    /// The same of people alone: what a program may do was given to it under a proof, and is no more than its token names.
    pub fn require_proof_of_person(&self) -> Result<()> {
        if self.token().is_some() { Ok(()) } else { self.require_proof() }
    }

    /// Begins to write. The snapshot read so far ends, so that what follows sees what is written.
    pub async fn begin(&self) -> Result<TenantTx<'_>> {
        self.end_read().await;
        if let Some(caller) = self.0.caller.get() {
            return Doorway::new(self.app(), self.locale()).called_by(Some(caller)).begin().await?.enter(self).await;
        }
        let tx = self.0.app.database().write(Some(self.0.tenant)).await?;
        let txn = TenantTx::new(self, tx);
        if let Some(claim) = self.claimed_idempotency().await {
            crate::idempotency::write(&txn, &claim).await?;
        }
        Ok(txn)
    }

    /// Ends the snapshot; the next statement opens a new one. Whoever waits on something outside calls this first.
    pub async fn end_read(&self) {
        if let Some(tx) = self.0.reads.lock().await.take() {
            self.count(tx.statements());
        }
    }

    /// The organisation, loaded once an operation where it is not known.
    pub(crate) async fn organization<F>(&self, load: impl FnOnce() -> F) -> Result<Arc<organizations::Facts>>
    where
        F: Future<Output = Result<organizations::Facts>>,
    {
        let load = || async { load().await.map(Arc::new) };
        self.0.organization.get_or_try_init(load).await.cloned()
    }

    /// How many statements this operation has sent, for tests that bound it.
    pub async fn statements(&self) -> u32 {
        let open = self.0.reads.lock().await.as_ref().map_or(0, |tx| tx.statements());
        self.0.statements.load(std::sync::atomic::Ordering::Relaxed) + open
    }

    /// The first transaction of this operation that commits writes the idempotency row of the caller's key.
    pub async fn claim_idempotency(&self, claim: crate::idempotency::Claim) {
        *self.0.idempotency.lock().await = Some(claim);
    }

    /// The caller's key, as long as nothing is written under it.
    pub async fn claimed_idempotency(&self) -> Option<crate::idempotency::Claim> {
        self.0.idempotency.lock().await.clone()
    }

    /// The caller's key is written, and what was done under it.
    pub(crate) async fn spend_idempotency(&self) {
        let whose = self.0.caller.get().unwrap_or(self);
        whose.0.idempotency.lock().await.take();
    }

    fn count(&self, statements: u32) {
        self.0.statements.fetch_add(statements, std::sync::atomic::Ordering::Relaxed);
    }

    async fn snapshot(&self) -> Result<Arc<Tx>> {
        let mut reads = self.0.reads.lock().await;
        if let Some(tx) = reads.as_ref() {
            return Ok(tx.clone());
        }
        let reader = if self.0.actor == Actor::System { Reader::Job } else { Reader::Person };
        let tx = Arc::new(self.0.app.database().read(Some(self.0.tenant), reader).await?);
        *reads = Some(tx.clone());
        Ok(tx)
    }
}

/// Runs a whole service call again when another transaction got in its way, three times in all.
pub async fn retrying<T, F: Future<Output = Result<T>>>(mut call: impl FnMut() -> F) -> Result<T> {
    for pause in [5, 25] {
        match call().await {
            Err(Error::Conflict) => tokio::time::sleep(std::time::Duration::from_millis(pause)).await,
            done => return done,
        }
    }
    call().await
}
