use super::database::Reader;
use super::{Scope, Sql, TenantTx, Tx};
use crate::audit::NewAudit;
use crate::audit::{self, Asked, Beside};
use crate::locale::Locale;
use crate::scope::sql::Bound;
use crate::work::{self, NewJob};
use crate::{App, Error, Result};
use entities::identity::UserId;
use entities::{Global, TenantId, Timestamp};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, PrimaryKeyTrait, QueryFilter,
    QuerySelect, Value, sea_query::IntoCondition,
};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Nobody yet: reads and writes tables that belong to no organisation, and looks up the organisation of a secret.
///
/// The look-ups are the statements of `identity` and of provider callbacks; each returns rows of one person or one secret.
#[derive(Clone)]
pub struct Doorway {
    app: App,
    locale: Locale,
    caller: Option<Scope>,
    asked: Option<Arc<Asked>>,
}

impl Doorway {
    pub fn new(app: &App, locale: Locale) -> Self {
        Self { app: app.clone(), locale, caller: None, asked: None }
    }
    /// Whoever stands in the doorway: what they write here is written under the idempotency key of their call.
    #[must_use]
    pub fn called_by(self, caller: Option<&Scope>) -> Self {
        Self { caller: caller.cloned(), ..self }
    }
    /// The request this is done in, for the audit log.
    #[must_use]
    pub fn asked_in(self, asked: Option<Arc<Asked>>) -> Self {
        Self { asked, ..self }
    }
    /// The scope of whoever stands in the doorway, where they have one.
    pub(crate) fn caller(&self) -> Option<&Scope> {
        self.caller.as_ref()
    }
    pub(crate) fn asked(&self) -> Option<&Arc<Asked>> {
        self.asked.as_ref()
    }
    pub fn app(&self) -> &App {
        &self.app
    }
    pub fn locale(&self) -> Locale {
        self.locale
    }
    pub fn now(&self) -> Timestamp {
        self.app.clock().now()
    }
    pub fn new_id<I: From<Uuid>>(&self) -> I {
        self.app.new_id()
    }

    /// A snapshot to look things up in.
    pub(crate) async fn read(&self) -> Result<DoorwayTx> {
        Ok(DoorwayTx {
            tx: self.app.database().read(None, Reader::Person).await?,
            app: self.app.clone(),
            caller: None,
            asked: None,
            jobs: Mutex::default(),
            acts: Mutex::default(),
        })
    }

    pub(crate) async fn begin(&self) -> Result<DoorwayTx> {
        let tx = self.app.database().write(None).await?;
        let (app, caller, asked) = (self.app.clone(), self.caller.clone(), self.asked.clone());
        Ok(DoorwayTx { tx, app, caller, asked, jobs: Mutex::default(), acts: Mutex::default() })
    }
}

/// A transaction of the doorway.
pub struct DoorwayTx {
    tx: Tx,
    app: App,
    caller: Option<Scope>,
    asked: Option<Arc<Asked>>,
    jobs: Mutex<Vec<NewJob>>,
    acts: Mutex<Vec<Beside>>,
}

impl DoorwayTx {
    pub async fn find<E: Global>(&self, id: <E::PrimaryKey as PrimaryKeyTrait>::ValueType) -> Result<Option<E::Model>>
    where
        E::Model: Send + Sync,
    {
        Ok(E::find_by_id(id).one(&self.tx).await?)
    }

    /// The row, held against other writers until the commit.
    pub async fn lock<E: Global>(&self, id: <E::PrimaryKey as PrimaryKeyTrait>::ValueType) -> Result<Option<E::Model>>
    where
        E::Model: Send + Sync,
    {
        Ok(E::find_by_id(id).lock_exclusive().one(&self.tx).await?)
    }

    pub async fn one<E: Global>(&self, condition: impl IntoCondition) -> Result<Option<E::Model>>
    where
        E::Model: Send + Sync,
    {
        Ok(E::find().filter(condition.into_condition()).one(&self.tx).await?)
    }

    pub async fn all<E: Global>(&self, condition: impl IntoCondition) -> Result<Vec<E::Model>>
    where
        E::Model: Send + Sync,
    {
        Ok(E::find().filter(condition.into_condition()).all(&self.tx).await?)
    }

    pub async fn insert<A>(&self, row: A) -> Result<<A::Entity as EntityTrait>::Model>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: Global,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Sync,
    {
        Ok(row.insert(&self.tx).await?)
    }

    pub async fn update<A>(&self, row: A) -> Result<<A::Entity as EntityTrait>::Model>
    where
        A: ActiveModelTrait + ActiveModelBehavior + Send,
        A::Entity: Global,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Sync,
    {
        Ok(row.update(&self.tx).await?)
    }

    /// A statement by hand.
    pub(crate) fn statement(&self, sql: &'static Sql) -> DoorwayStatement<'_> {
        DoorwayStatement { tx: &self.tx, sql, bound: Vec::new() }
    }

    /// Asks for a job of the platform, written by the commit.
    pub(crate) fn enqueue(&self, job: NewJob) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).push(job);
    }

    /// Puts an act on a person's account into the audit log of the organisation their session is in, written by the commit. One
    /// in no organisation has no log.
    pub(crate) fn audit(&self, tenant: Option<TenantId>, by: Option<UserId>, act: NewAudit) {
        let beside = tenant.map(|tenant| Beside { tenant, by, act });
        self.acts.lock().unwrap_or_else(PoisonError::into_inner).extend(beside);
    }

    async fn write_acts(&self) -> Result<()> {
        let acts = std::mem::take(&mut *self.acts.lock().unwrap_or_else(PoisonError::into_inner));
        let asked = self.asked.as_ref().or_else(|| self.caller.as_ref().and_then(Scope::asked));
        audit::write_beside(|sql| self.statement(sql), &self.app, asked, &acts).await
    }

    /// Writes the jobs that were asked for.
    async fn write_jobs(&self) -> Result<Vec<NewJob>> {
        let jobs = std::mem::take(&mut *self.jobs.lock().unwrap_or_else(PoisonError::into_inner));
        let of_platform: Vec<_> = jobs.iter().map(|job| (work::PLATFORM, job.clone())).collect();
        work::write_for_tenants(|sql| self.statement(sql), self.app.now(), &of_platform).await?;
        Ok(jobs)
    }

    /// Goes on inside one organisation, in the same transaction, under the idempotency key of the call.
    pub(crate) async fn enter(self, scope: &Scope) -> Result<TenantTx<'_>> {
        claim(self.caller.as_ref().unwrap_or(scope), |sql| self.statement(sql)).await?;
        if let Some(caller) = self.caller.as_ref().filter(|caller| !scope.is(caller)) {
            // The commit spends the caller's key, in whatever organisation the effect is.
            scope.called_by(caller.clone());
        }
        self.write_acts().await?;
        let written = self.write_jobs().await?;
        Ok(TenantTx::new(scope, self.tx.narrow(scope.tenant()).await?).having_written(written))
    }

    pub async fn commit(self) -> Result<()> {
        self.write_acts().await?;
        let jobs = self.write_jobs().await?;
        if let Some(caller) = &self.caller {
            claim(caller, |sql| self.statement(sql)).await?;
        }
        self.tx.commit().await?;
        if let Some(caller) = &self.caller {
            caller.spend_idempotency().await;
        }
        self.app.bell().announce(&jobs, self.app.now());
        Ok(())
    }
}

/// Writes the idempotency key of the caller's call, if it has one, in a transaction that is not their organisation's.
pub(super) async fn claim<'a>(caller: &Scope, statement: impl FnOnce(&'static Sql) -> DoorwayStatement<'a>) -> Result<()> {
    match caller.claimed_idempotency().await {
        Some(claim) => crate::idempotency::write_beside(statement, caller, &claim).await,
        None => Ok(()),
    }
}

/// A statement of the doorway or the system, being bound.
#[must_use]
pub(crate) struct DoorwayStatement<'a> {
    pub(super) tx: &'a Tx,
    pub(super) sql: &'static Sql,
    pub(super) bound: Vec<(&'static str, Bound)>,
}

impl DoorwayStatement<'_> {
    pub fn bind(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.bound.push((name, Bound::One(value.into())));
        self
    }

    pub fn ids<I: Into<Uuid>>(mut self, name: &'static str, ids: impl IntoIterator<Item = I>) -> Self {
        self.bound.push((name, Bound::Ids(ids.into_iter().map(Into::into).collect())));
        self
    }

    pub fn rows(mut self, name: &'static str, columns: Vec<super::Column>) -> Self {
        self.bound.push((name, Bound::Rows(columns)));
        self
    }

    fn build(&self) -> Result<sea_orm::Statement> {
        self.sql.build(self.tx.get_database_backend(), &self.bound).map_err(Error::internal)
    }

    pub async fn all<T: FromQueryResult>(self) -> Result<Vec<T>> {
        let rows = self.tx.query_all_raw(self.build()?).await?;
        Ok(rows.iter().map(|row| T::from_query_result(row, "")).collect::<std::result::Result<_, _>>()?)
    }

    pub async fn one<T: FromQueryResult>(self) -> Result<Option<T>> {
        let row = self.tx.query_one_raw(self.build()?).await?;
        Ok(row.map(|row| T::from_query_result(&row, "")).transpose()?)
    }

    pub async fn value<T: sea_orm::TryGetable>(self) -> Result<Option<T>> {
        let row = self.tx.query_one_raw(self.build()?).await?;
        Ok(row.map(|row| row.try_get_by_index::<T>(0)).transpose()?)
    }

    pub async fn run(self) -> Result<u64> {
        Ok(self.tx.execute_raw(self.build()?).await?.rows_affected())
    }
}
