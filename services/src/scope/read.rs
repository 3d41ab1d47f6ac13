use super::sql::{Bound, Sql};
use super::{Scope, Tx};
use crate::page::{Cursor, LARGEST_TOTAL, MOST_SORTS, Named, Page, PageArgs, Sort, order_name, padded};
use crate::{Error, Result};
use entities::{TenantId, TenantScoped};
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, IntoCondition, JoinType, Order, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, ModelTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Value,
};
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
        Scoped { on: self, query: if super::leaking() { E::find() } else { mine } }
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
    pub(super) fn borrowed(tx: &'a Tx) -> Self {
        Self(Held::Borrowed(tx))
    }
    pub(super) fn tx(&self) -> &Tx {
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

/// A query whose rows all belong to one tenant.
#[must_use]
pub struct Scoped<'a, R, E: EntityTrait> {
    pub(super) on: &'a R,
    pub(super) query: Select<E>,
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

    /// How many rows there are, counted no further than [`LARGEST_TOTAL`].
    async fn total(&self) -> Result<u64> {
        let mut rows = self.query.clone().select_only().column(E::ID).limit(LARGEST_TOTAL);
        let rows = QuerySelect::query(&mut rows).to_owned();
        let count = Query::select().expr(Func::count(Expr::col(Asterisk))).from_subquery(rows, Alias::new("counted")).to_owned();
        let open = self.on.open().await?;
        let row = open.tx().query_one_raw(open.tx().get_database_backend().build(&count)).await?;
        let total = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
        Ok(total.and_then(|rows| u64::try_from(rows).ok()).unwrap_or(0))
    }

    /// One page in the given order, the id appended so that the order is total.
    pub async fn page(self, args: &PageArgs, sorts: &[Sort<E>]) -> Result<Page<E::Model>> {
        if sorts.len() > MOST_SORTS {
            return Err(Error::BadArgument(format!("an order has at most {MOST_SORTS} columns")));
        }
        let sorts = with_id(sorts);
        let total = match args.with_total {
            true => Some(self.total().await?),
            false => None,
        };
        let (first, backwards) = args.window()?;
        let mut query = self.query;
        if let Some(cursor) = args.cursor(&sorts)? {
            query = query.filter(beyond(&sorts, &cursor, backwards)?);
        }
        for sort in &sorts {
            query = query.order_by(sort.expr(), sort.order(backwards));
        }
        let named = sorts.iter().find_map(|sort| sort.of.map(|of| (sort.column, of)));
        if let Some((column, of)) = named {
            join::<E>(&mut query, column, of, self.on.tenant());
        }
        let (query, on) = (query.limit(first + 1), self.on.open().await?);
        let rows = match named {
            Some(_) => query.into_model::<Sorted<E::Model>>().all(on.tx()).await?,
            None => query.all(on.tx()).await?.into_iter().map(|row| Sorted { row, name: None }).collect(),
        };
        let order = order_name(&sorts);
        let place = |row: &Sorted<E::Model>| Cursor::of(&row.row, row.name.as_deref(), &order, &sorts);
        Ok(Page::new(rows, total, args, first, backwards, place).map(|row| row.row))
    }
}

/// A row, and the text it is sorted by where that is another table's.
struct Sorted<M> {
    row: M,
    name: Option<String>,
}

const SORTED_BY: &str = "sorted_by";

impl<M: FromQueryResult> FromQueryResult for Sorted<M> {
    fn from_query_result(row: &sea_orm::QueryResult, prefix: &str) -> std::result::Result<Self, sea_orm::DbErr> {
        let name = row.try_get(prefix, SORTED_BY)?;
        Ok(Self { row: M::from_query_result(row, prefix)?, name })
    }
}

/// Joins the rows that a column names, of the same organisation, and reads the text to sort by.
fn join<E: TenantScoped>(query: &mut Select<E>, column: E::Column, of: &'static Named, tenant: TenantId) {
    let named = |name: &'static str| Expr::col((Alias::new(of.table), Alias::new(name)));
    let mine = named("tenant_id").eq(tenant.0).and(named("id").eq(column.into_expr()));
    let any = named("id").eq(column.into_expr());
    let on = if super::leaking() { any } else { mine };
    QuerySelect::query(query).join(JoinType::InnerJoin, Alias::new(of.table), on).expr_as(of.expr(), Alias::new(SORTED_BY));
}

pub(super) fn with_id<E: TenantScoped>(sorts: &[Sort<E>]) -> Vec<Sort<E>> {
    let descending = sorts.last().is_some_and(|sort| sort.descending);
    let mut sorts = sorts.to_vec();
    if sorts.last().is_none_or(|sort| sort.column.as_str() != E::ID.as_str()) {
        sorts.push(Sort::new(E::ID, descending));
    }
    sorts
}

/// The rows after the cursor: one row comparison where all columns run the same way, else the expanded form.
fn beyond<E: TenantScoped>(sorts: &[Sort<E>], cursor: &Cursor, backwards: bool) -> Result<SimpleExpr> {
    let values = cursor.values::<E>(sorts)?;
    let ascending = |sort: &Sort<E>| sort.descending == backwards;
    let uniform = sorts.windows(2).all(|pair| pair[0].descending == pair[1].descending);
    if uniform {
        let columns = Expr::tuple(sorts.iter().map(Sort::expr));
        let point = Expr::tuple(values.into_iter().map(Expr::val));
        return Ok(if ascending(&sorts[0]) { columns.gt(point) } else { columns.lt(point) });
    }
    let mut any: Option<SimpleExpr> = None;
    for last in 0..sorts.len() {
        let mut all: Option<SimpleExpr> = None;
        for (at, sort) in sorts.iter().enumerate().take(last + 1) {
            let value = values[at].clone();
            let column = sort.expr();
            let step = match (at == last, ascending(sort)) {
                (false, _) => column.eq(value),
                (true, true) => column.gt(value),
                (true, false) => column.lt(value),
            };
            all = Some(all.map_or(step.clone(), |all| all.and(step)));
        }
        any = any.map_or(all.clone(), |any| all.map(|all| any.or(all)));
    }
    any.ok_or_else(|| Error::internal("an order without columns"))
}

/// A statement by hand, being bound.
#[must_use]
pub struct Statements<'a, R> {
    pub(super) on: &'a R,
    pub(super) sql: &'static Sql,
    pub(super) bound: Vec<(&'static str, Bound)>,
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
    pub fn rows(mut self, name: &'static str, columns: Vec<super::Column>) -> Self {
        self.bound.push((name, Bound::Rows(columns)));
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
