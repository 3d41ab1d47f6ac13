use super::read::{Open, Reads, Statements};
use super::{Actor, Scope, Tx};
use crate::audit::{self, Asked, NewAudit, Operating};
use crate::events::{self, NewEvent};
use crate::identity::Permission;
use crate::identity::api_tokens::UsedToken;
use crate::locale::Locale;
use crate::work::{self, NewJob};
use crate::{App, Error, Result};
use entities::audit::event::ActorKind;
use entities::identity::{MembershipId, UserId};
use entities::work::JobId;
use entities::{Owned, TenantId, TenantScoped, Timestamp};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// A transaction that writes rows of one organisation. Dropped without a commit, it never was.
pub struct TenantTx<'a> {
    scope: &'a Scope,
    tx: Tx,
    events: Mutex<Vec<NewEvent>>,
    jobs: Mutex<Vec<NewJob>>,
    acts: Mutex<Vec<NewAudit>>,
    /// Jobs of the platform, written before the transaction entered the organisation.
    written: Vec<NewJob>,
}

impl Reads for TenantTx<'_> {
    async fn open(&self) -> Result<Open<'_>> {
        Ok(Open::borrowed(&self.tx))
    }
    fn tenant(&self) -> TenantId {
        self.scope.tenant()
    }
}

impl<'a> TenantTx<'a> {
    pub(super) fn new(scope: &'a Scope, tx: Tx) -> Self {
        Self { scope, tx, events: Mutex::default(), jobs: Mutex::default(), acts: Mutex::default(), written: Vec::new() }
    }

    /// One that has written these jobs already.
    pub(super) fn having_written(self, written: Vec<NewJob>) -> Self {
        Self { written, ..self }
    }

    // What a transaction shares with its scope; beginning another is not among it.
    pub(in crate::scope) fn scope(&self) -> &Scope {
        self.scope
    }
    pub fn app(&self) -> &App {
        self.scope.app()
    }
    pub fn actor(&self) -> Actor {
        self.scope.actor()
    }
    pub fn membership(&self) -> Option<MembershipId> {
        self.scope.membership()
    }
    pub fn locale(&self) -> Locale {
        self.scope.locale()
    }
    pub(crate) fn backend(&self) -> DbBackend {
        self.tx.get_database_backend()
    }
    pub fn now(&self) -> Timestamp {
        self.scope.now()
    }
    pub fn new_id<I: From<Uuid>>(&self) -> I {
        self.scope.new_id()
    }
    pub fn traced(&self) -> Option<String> {
        self.scope.traced().map(|id| id.to_string())
    }
    pub(crate) fn asked(&self) -> Option<&Arc<Asked>> {
        self.scope.asked()
    }
    pub(crate) fn token(&self) -> Option<&Arc<UsedToken>> {
        self.scope.token()
    }
    pub(crate) fn acting_as(&self) -> (ActorKind, Option<UserId>) {
        self.scope.acting_as()
    }
    pub(crate) fn beside(&self) -> Scope {
        self.scope.beside()
    }
    pub(crate) fn operating(&self) -> Option<&Operating> {
        self.scope.operating()
    }

    /// From here on a lock that somebody else holds for longer than this is a conflict; on SQLite nobody does. For whoever
    /// holds what the other may wait for in a transaction that the database does not know to be theirs, too.
    pub(crate) async fn wait_at_most(&self, time: Duration) -> Result<()> {
        if self.backend() == DbBackend::Postgres {
            self.tx.execute_unprepared(&format!("SET LOCAL lock_timeout = {}", time.as_millis())).await?;
        }
        Ok(())
    }

    /// The row, held against other writers until the commit.
    pub async fn lock<E: TenantScoped>(&self, id: E::Id) -> Result<E::Model>
    where
        E::Model: Send + Sync,
    {
        let query = if super::leaking() { E::find() } else { E::find().filter(E::TENANT.eq(self.tenant())) };
        let query = query.filter(E::ID.eq(id)).lock_exclusive();
        query.one(&self.tx).await?.ok_or(Error::NotFound)
    }

    /// The same of a row in reach of the permission; one out of reach is not there.
    pub async fn lock_within<E: Owned>(&self, permission: Permission, id: E::Id) -> Result<E::Model>
    where
        E::Model: Send + Sync,
    {
        let query = if super::leaking() { E::find() } else { E::find().filter(E::TENANT.eq(self.tenant())) };
        let query = query.filter(E::ID.eq(id)).filter(self.scope.within(permission)?.over(E::OWNER)).lock_exclusive();
        query.one(&self.tx).await?.ok_or(Error::NotFound)
    }

    /// Adds a row, stamped with the tenant.
    pub async fn insert<A>(&self, mut row: A) -> Result<<A::Entity as EntityTrait>::Model>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: TenantScoped,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Sync,
    {
        row.set(<A::Entity as TenantScoped>::TENANT, self.tenant().0.into());
        Ok(row.insert(&self.tx).await?)
    }

    /// Writes the fields that are set. A row of another tenant matches nothing: the tenant is part of the key.
    pub async fn update<A>(&self, mut row: A) -> Result<<A::Entity as EntityTrait>::Model>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: TenantScoped,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Sync,
    {
        row.set(<A::Entity as TenantScoped>::TENANT, self.tenant().0.into());
        Ok(row.update(&self.tx).await?)
    }

    /// Removes the row and says whether it was there.
    pub async fn delete<E: TenantScoped>(&self, id: E::Id) -> Result<bool> {
        let mine = E::delete_many().filter(E::TENANT.eq(self.tenant()));
        let query = if super::leaking() { E::delete_many() } else { mine };
        Ok(query.filter(E::ID.eq(id)).exec(&self.tx).await?.rows_affected > 0)
    }

    /// Records an event of one of the organisation's streams; it is numbered at the commit.
    pub fn record(&self, event: NewEvent) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// Puts an act into the organisation's audit log, written by the commit.
    pub fn audit(&self, act: NewAudit) {
        self.acts.lock().unwrap_or_else(PoisonError::into_inner).push(act);
    }

    /// Asks for a job, written by the commit. One with the unique key of an unfinished job is dropped there.
    pub fn enqueue(&self, job: NewJob) -> JobId {
        let id = job.id;
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).push(job);
        id
    }

    /// Makes it all true at once, then announces the jobs and events.
    pub async fn commit(self) -> Result<()> {
        let mut jobs = std::mem::take(&mut *self.jobs.lock().unwrap_or_else(PoisonError::into_inner));
        let events = std::mem::take(&mut *self.events.lock().unwrap_or_else(PoisonError::into_inner));
        let acts = std::mem::take(&mut *self.acts.lock().unwrap_or_else(PoisonError::into_inner));
        audit::write(&self, &acts).await?;
        work::write(&self, &jobs).await?;
        // Last, because a stream's number is held from here to the commit.
        let numbered = events::write(&self, &events).await?;
        jobs.extend(self.written.iter().cloned());
        let (app, tenant, tx) = (self.app().clone(), self.tenant(), self.tx);
        // A task of its own: a caller that goes away in the middle of a commit must not leave its readers unaware of it.
        let committing = tokio::spawn(async move {
            tx.commit().await?;
            app.bell().announce(&jobs, app.now());
            app.hub().announce(tenant, numbered);
            Ok::<_, Error>(tx.statements())
        });
        self.scope.count(committing.await.map_err(Error::internal)??);
        self.scope.spend_idempotency().await;
        Ok(())
    }
}

impl Statements<'_, TenantTx<'_>> {
    /// Runs a statement that writes and says how many rows it touched.
    pub async fn run(self) -> Result<u64> {
        let statement = self.sql.build(self.on.tx.get_database_backend(), &self.bound).map_err(Error::internal)?;
        Ok(self.on.tx.execute_raw(statement).await?.rows_affected())
    }
}
