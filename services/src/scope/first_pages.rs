use super::read::{Reads, Scoped, with_id};
use crate::page::{Cursor, Page, PageArgs, Sort, order_name};
use crate::{Error, Result};
use entities::TenantScoped;
use sea_orm::sea_query::{Alias, Asterisk, Query, SelectStatement, UnionType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, FromQueryResult, IdenStatic, ModelTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Value,
};
use std::collections::HashMap;
use std::hash::Hash;
use uuid::Uuid;

impl<R: Reads, E: TenantScoped> Scoped<'_, R, E>
where
    E::Model: Send + Sync + Clone,
{
    /// The first page of what belongs to each of these ids, by the column that holds them, each id once: one statement for
    /// all. Whoever has no rows is not among them. The arguments ask for a first page ([`PageArgs::is_first`]).
    pub async fn first_pages<K: Copy + Eq + Hash + Into<Uuid> + From<Uuid>>(
        self,
        of: E::Column,
        ids: &[K],
        args: &PageArgs,
        sorts: &[Sort<E>],
    ) -> Result<HashMap<K, Page<E::Model>>> {
        if let [id] = ids {
            let page = self.filter(of.eq((*id).into())).page(args, sorts).await?;
            return Ok([(*id, page)].into());
        }
        let ((first, _), sorts) = (args.window()?, with_id(sorts));
        let (order, mut rows) = (order_name(&sorts), HashMap::<K, Vec<E::Model>>::new());
        for row in self.firsts(of, ids.iter().map(|id| (*id).into()), first, &sorts).await? {
            let Value::Uuid(Some(id)) = row.get(of) else { return Err(Error::internal(format!("{} holds no id", of.as_str()))) };
            rows.entry(id.into()).or_default().push(row);
        }
        let place = |row: &E::Model| Cursor::of(row, None, &order, &sorts);
        Ok(rows.into_iter().map(|(id, rows)| (id, Page::new(rows, None, args, first, false, place))).collect())
    }

    /// The first rows of each, and one more: as many look-ups as there are ids, in one statement.
    async fn firsts(self, of: E::Column, ids: impl Iterator<Item = Uuid>, first: u64, sorts: &[Sort<E>]) -> Result<Vec<E::Model>> {
        let mut all: Option<SelectStatement> = None;
        for id in ids {
            let mut rows = self.query.clone().filter(of.eq(id)).limit(first.saturating_add(1));
            for sort in sorts {
                rows = rows.order_by(sort.expr(), sort.order(false));
            }
            let mut one = Query::select();
            one.column(Asterisk).from_subquery(rows.into_query(), Alias::new("firsts"));
            match &mut all {
                Some(all) => drop(all.union(UnionType::All, one)),
                None => all = Some(one),
            }
        }
        let (Some(all), open) = (all, self.on.open().await?) else { return Ok(Vec::new()) };
        let mut statement = open.tx().get_database_backend().build(&all);
        // Another text for each number of ids: not worth a plan that is kept.
        statement.sql.push_str("\n-- planned anew");
        let rows = open.tx().query_all_raw(statement).await?;
        Ok(rows.iter().map(|row| E::Model::from_query_result(row, "")).collect::<std::result::Result<_, _>>()?)
    }
}
