//! A statement by hand, within one organisation.

use super::Reads;
use crate::scope::sql::{Bound, Sql};
use crate::{Error, Result};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

/// A statement by hand, being bound.
#[must_use]
pub struct Statements<'a, R> {
    pub(in crate::scope) on: &'a R,
    pub(in crate::scope) sql: &'static Sql,
    pub(in crate::scope) bound: Vec<(&'static str, Bound)>,
}

impl<R: Reads> Statements<'_, R> {
    pub fn bind(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.bound.push((name, Bound::One(value.into())));
        self
    }

    /// Binds `:in(name)`.
    pub fn ids<I: Into<Uuid>>(mut self, name: &'static str, ids: impl IntoIterator<Item = I>) -> Self {
        self.bound.push((name, Bound::Ids(ids.into_iter().map(Into::into).collect())));
        self
    }

    /// Binds `:rows(name: …)`, its columns in the order declared.
    pub fn rows(mut self, name: &'static str, columns: Vec<crate::scope::Column>) -> Self {
        self.bound.push((name, Bound::Rows(columns)));
        self
    }

    /// Binds `:reach(owner)`: how far a right of the actor reaches.
    pub fn within(mut self, within: crate::scope::Within) -> Self {
        self.bound.extend([("reach", Bound::Reach(within.said())), ("me", Bound::One(within.me.0.into()))]);
        self
    }

    pub async fn all<T: FromQueryResult>(self) -> Result<Vec<T>> {
        let open = self.on.open().await?;
        let statement = self.sql.build(open.tx().get_database_backend(), &self.bound).map_err(Error::internal)?;
        let rows = open.tx().query_all_raw(statement).await?;
        Ok(rows.iter().map(|row| T::from_query_result(row, "")).collect::<std::result::Result<_, _>>()?)
    }

    pub async fn one<T: FromQueryResult>(self) -> Result<Option<T>> {
        let open = self.on.open().await?;
        let statement = self.sql.build(open.tx().get_database_backend(), &self.bound).map_err(Error::internal)?;
        let row = open.tx().query_one_raw(statement).await?;
        Ok(row.map(|row| T::from_query_result(&row, "")).transpose()?)
    }

    /// The single value of the single row, when there is one.
    pub async fn value<T: sea_orm::TryGetable>(self) -> Result<Option<T>> {
        let open = self.on.open().await?;
        let statement = self.sql.build(open.tx().get_database_backend(), &self.bound).map_err(Error::internal)?;
        let row = open.tx().query_one_raw(statement).await?;
        Ok(row.map(|row| row.try_get_by_index::<T>(0)).transpose()?)
    }
}
