//! Reading the rows of one organisation: by entity, in pages, or by a statement of one's own.

mod pages;
mod scoped;
mod statements;
mod within;

pub(super) use pages::with_id;
pub use scoped::Scoped;
pub use statements::Statements;
pub(super) use within::said_by_hand;
pub use within::{ReadsWithin, Within};

use super::sql::{Bound, Sql};
use super::{Scope, Tx};
use crate::{Error, Result};
use entities::{TenantId, TenantScoped};
use sea_orm::{ColumnTrait, ModelTrait, QueryFilter, Value};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use uuid::Uuid;

/// A transaction or snapshot that rows of one organisation can be read from.
pub trait Reads: Sync {
    #[doc(hidden)]
    fn open(&self) -> impl Future<Output = Result<Open<'_>>> + Send;
    fn tenant(&self) -> TenantId;

    /// All rows of a table that belong to the tenant; narrow them before reading.
    fn select<E: TenantScoped>(&self) -> Scoped<'_, Self, E>
    where
        Self: Sized,
    {
        let mine = E::find().filter(E::TENANT.eq(self.tenant()));
        Scoped { on: self, query: if crate::scope::leaking() { E::find() } else { mine } }
    }

    /// The row with this id, if the tenant has it.
    fn find<E: TenantScoped>(&self, id: E::Id) -> impl Future<Output = Result<Option<E::Model>>> + Send
    where
        Self: Sized,
        E::Model: Send + Sync,
    {
        async move { self.select::<E>().filter(E::ID.eq(id)).one().await }
    }

    /// The row with this id, or not found.
    fn get<E: TenantScoped>(&self, id: E::Id) -> impl Future<Output = Result<E::Model>> + Send
    where
        Self: Sized,
        E::Model: Send + Sync,
    {
        async move { self.find::<E>(id).await?.ok_or(Error::NotFound) }
    }

    /// The rows with these ids, by id; missing ones are simply not there.
    fn by_ids<E: TenantScoped>(&self, ids: &[E::Id]) -> impl Future<Output = Result<HashMap<E::Id, E::Model>>> + Send
    where
        Self: Sized,
        E::Id: Eq + Hash + Into<Uuid> + From<Uuid> + sea_orm::sea_query::ValueType,
        E::Model: Send + Sync,
    {
        async move {
            let rows = self.select::<E>().among(E::ID, ids.iter().map(|id| (*id).into())).all().await?;
            Ok(rows.into_iter().map(|row| (row.get(E::ID).unwrap(), row)).collect())
        }
    }

    /// A statement by hand; `:tenant` is bound already.
    fn statement(&self, sql: &'static Sql) -> Statements<'_, Self>
    where
        Self: Sized,
    {
        let tenant = Bound::One(Value::from(self.tenant().0));
        Statements { on: self, sql, bound: vec![("tenant", tenant)] }
    }
}

/// An open transaction, borrowed or shared.
#[doc(hidden)]
pub struct Open<'a>(Held<'a>);

enum Held<'a> {
    Borrowed(&'a Tx),
    Shared(Arc<Tx>),
}

impl<'a> Open<'a> {
    pub(in crate::scope) fn borrowed(tx: &'a Tx) -> Self {
        Self(Held::Borrowed(tx))
    }
    pub(in crate::scope) fn tx(&self) -> &Tx {
        match &self.0 {
            Held::Borrowed(tx) => tx,
            Held::Shared(tx) => tx,
        }
    }
}

impl Reads for Scope {
    async fn open(&self) -> Result<Open<'_>> {
        Ok(Open(Held::Shared(self.snapshot().await?)))
    }
    fn tenant(&self) -> TenantId {
        Scope::tenant(self)
    }
}
