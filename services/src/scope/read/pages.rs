//! Pages of a query, whatever it is ordered by.

use super::{Reads, Scoped};
use crate::page::{Cursor, LARGEST_TOTAL, MOST_SORTS, Named, Page, PageArgs, Sort, order_name};
use crate::{Error, Result};
use entities::{TenantId, TenantScoped};
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, JoinType, Query, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, FromQueryResult, IdenStatic, QueryFilter, QueryOrder, QuerySelect, Select};

impl<R: Reads, E: TenantScoped> Scoped<'_, R, E>
where
    E::Model: Send + Sync,
{
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
    let on = if crate::scope::leaking() { any } else { mine };
    QuerySelect::query(query).join(JoinType::InnerJoin, Alias::new(of.table), on).expr_as(of.expr(), Alias::new(SORTED_BY));
}

pub(in crate::scope) fn with_id<E: TenantScoped>(sorts: &[Sort<E>]) -> Vec<Sort<E>> {
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
