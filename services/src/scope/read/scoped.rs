//! A query, narrowed before it is read.

use super::Reads;
use crate::Result;
use crate::page::padded;
use entities::TenantScoped;
use sea_orm::sea_query::{IntoCondition, Order};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

/// A query whose rows all belong to one tenant.
#[must_use]
pub struct Scoped<'a, R, E: EntityTrait> {
    pub(in crate::scope) on: &'a R,
    pub(in crate::scope) query: Select<E>,
}

impl<R: Reads, E: TenantScoped> Scoped<'_, R, E>
where
    E::Model: Send + Sync,
{
    pub fn filter(mut self, condition: impl IntoCondition) -> Self {
        self.query = self.query.filter(condition.into_condition());
        self
    }

    /// Rows whose column is one of these ids; the statement keeps its text however many there are.
    pub fn among(self, column: E::Column, ids: impl IntoIterator<Item = Uuid>) -> Self {
        let mut ids: Vec<Uuid> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        self.filter(column.is_in(padded(ids)))
    }

    pub fn order_by(mut self, column: E::Column, order: Order) -> Self {
        self.query = self.query.order_by(column, order);
        self
    }

    pub fn limit(mut self, rows: u64) -> Self {
        self.query = self.query.limit(rows);
        self
    }

    pub async fn one(self) -> Result<Option<E::Model>> {
        Ok(self.query.one(self.on.open().await?.tx()).await?)
    }

    pub async fn all(self) -> Result<Vec<E::Model>> {
        Ok(self.query.all(self.on.open().await?.tx()).await?)
    }

    pub async fn count(self) -> Result<u64> {
        Ok(self.query.count(self.on.open().await?.tx()).await?)
    }
}
