//! Lists in pages: keyset cursors, so that rows added or removed before the cursor skip and repeat nothing.

use crate::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::sea_query::{Alias, ColumnType, Expr, Order, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, Iden, ModelTrait, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// What a client asks of a list; all absent: the first fifty.
#[derive(Clone, Debug, Default)]
pub struct PageArgs {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
    /// Whether the client wants the number of all rows, too, as far as [`LARGEST_TOTAL`].
    pub with_total: bool,
}

pub const DEFAULT_PAGE: u64 = 50;
pub const LARGEST_PAGE: u64 = 100;
/// The most entries a list of a filter has.
pub const LONGEST_LIST: usize = 100;
/// The most columns an order has.
pub const MOST_SORTS: usize = 5;

/// What a filter lists, each once.
pub(crate) fn listed<T: PartialEq + Clone>(all: &[T]) -> Result<Vec<T>> {
    if all.len() > LONGEST_LIST {
        return Err(Error::BadArgument(format!("a list of a filter has at most {LONGEST_LIST} entries")));
    }
    let mut once: Vec<T> = Vec::with_capacity(all.len());
    for one in all {
        if !once.contains(one) {
            once.push(one.clone());
        }
    }
    Ok(once)
}

/// Rows whose column holds one of what a filter lists.
pub(crate) fn one_of<T: PartialEq + Clone + Into<Value>>(column: impl ColumnTrait, all: &[T]) -> Result<SimpleExpr> {
    Ok(column.is_in(padded(listed(all)?)))
}

/// A list as long as the next power of two: a statement has few texts, however many lengths its lists have.
pub(crate) fn padded<T: Clone>(mut all: Vec<T>) -> Vec<T> {
    let length = all.len().next_power_of_two();
    if let Some(last) = all.last().cloned() {
        all.resize(length, last);
    }
    all
}
/// Nobody reads further, and counting a million rows costs as much as any other look at them.
pub const LARGEST_TOTAL: u64 = 25_000;

impl PageArgs {
    /// How many rows, and whether counted from the end.
    pub fn window(&self) -> Result<(u64, bool)> {
        let (asked, backwards) = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(Error::BadArgument("`first` and `last` exclude each other".into())),
            (None, Some(last)) => (Some(last), true),
            (first, None) => (first, first.is_none() && self.before.is_some() && self.after.is_none()),
        };
        if self.after.is_some() && self.before.is_some() {
            return Err(Error::BadArgument("`after` and `before` exclude each other".into()));
        }
        if (backwards && self.after.is_some()) || (!backwards && self.before.is_some()) {
            return Err(Error::BadArgument("`first` goes with `after`, `last` with `before`".into()));
        }
        match asked.map(u64::try_from) {
            None => Ok((DEFAULT_PAGE, backwards)),
            Some(Ok(rows)) if rows <= LARGEST_PAGE => Ok((rows, backwards)),
            Some(_) => Err(Error::BadArgument(format!("a page has 0 to {LARGEST_PAGE} rows"))),
        }
    }

    /// Whether they ask for nothing but the first rows.
    pub fn is_first(&self) -> bool {
        self.after.is_none() && self.before.is_none() && self.last.is_none() && !self.with_total
    }

    pub(crate) fn cursor<E: EntityTrait>(&self, sorts: &[Sort<E>]) -> Result<Option<Cursor>> {
        let text = self.after.as_ref().or(self.before.as_ref());
        text.map(|text| Cursor::parse(text, &order_name(sorts))).transpose()
    }
}

/// One column of an order.
#[derive(Debug)]
pub struct Sort<E: EntityTrait> {
    pub column: E::Column,
    pub descending: bool,
    /// The column holds an id, and the order is that of a text of the row it names.
    pub(crate) of: Option<&'static Named>,
}

/// A text of the row that a column names.
#[derive(Debug)]
pub(crate) struct Named {
    pub table: &'static str,
    pub text: &'static str,
}

impl Named {
    /// The text, in a statement that has joined the table.
    pub(crate) fn expr(&self) -> SimpleExpr {
        Expr::col((Alias::new(self.table), Alias::new(self.text)))
    }
}

impl<E: EntityTrait> Clone for Sort<E> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<E: EntityTrait> Copy for Sort<E> {}

impl<E: EntityTrait> Sort<E> {
    pub const fn new(column: E::Column, descending: bool) -> Self {
        Self { column, descending, of: None }
    }
    pub fn ascending(column: E::Column) -> Self {
        Self::new(column, false)
    }
    pub fn descending(column: E::Column) -> Self {
        Self::new(column, true)
    }
    /// The order of a text of the row that the column names, which is always there.
    pub(crate) fn by_name(column: E::Column, of: &'static Named, descending: bool) -> Self {
        Self { column, descending, of: Some(of) }
    }
    pub(crate) fn expr(&self) -> SimpleExpr {
        self.of.map_or_else(|| self.column.into_expr(), Named::expr)
    }
    pub(crate) fn order(&self, backwards: bool) -> Order {
        if self.descending == backwards { Order::Asc } else { Order::Desc }
    }
}

/// One page of a list, in the order asked for.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub rows: Vec<Row<T>>,
    pub has_next: bool,
    pub has_previous: bool,
    /// Only when asked for.
    pub total: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct Row<T> {
    place: Cursor,
    pub row: T,
}

impl<T> Row<T> {
    /// The row's place in the list, for `after` and `before`.
    pub fn cursor(&self) -> String {
        self.place.to_text()
    }
}

impl<T> Page<T> {
    /// That of a list without rows.
    pub fn empty() -> Self {
        Self { rows: Vec::new(), has_next: false, has_previous: false, total: None }
    }

    /// Makes a page of up to `first` rows out of `first + 1` read in reading direction.
    pub fn new(mut rows: Vec<T>, total: Option<u64>, args: &PageArgs, first: u64, backwards: bool, place: impl Fn(&T) -> Cursor) -> Self {
        let more = rows.len() as u64 > first;
        rows.truncate(usize::try_from(first).unwrap_or(usize::MAX));
        if backwards {
            rows.reverse();
        }
        let (came_from_before, came_from_after) = (args.before.is_some(), args.after.is_some());
        let (has_next, has_previous) = if backwards { (came_from_before, more) } else { (more, came_from_after) };
        let rows = rows.into_iter().map(|row| Row { place: place(&row), row }).collect();
        Self { rows, has_next, has_previous, total }
    }

    /// A page of a list that is bounded by design and read whole; `key` tells its rows apart.
    pub fn of_all(all: Vec<T>, args: &PageArgs, key: impl Fn(&T) -> Uuid) -> Result<Self> {
        let (first, backwards) = args.window()?;
        let order: Arc<str> = "all".into();
        let place = |row: &T| Cursor(VERSION, order.clone(), vec![Key::Id(key(row))]);
        let total = args.with_total.then_some(all.len() as u64);
        let mut rows = all;
        if let Some(cursor) = args.after.as_ref().or(args.before.as_ref()) {
            let at = rows.iter().position(|row| place(row).to_text() == *cursor);
            let at = at.ok_or_else(|| Error::CursorUnknown)?;
            if backwards { rows.truncate(at) } else { drop(rows.drain(..=at)) }
        }
        if backwards {
            rows.reverse();
        }
        rows.truncate(usize::try_from(first).unwrap_or(usize::MAX).saturating_add(1));
        Ok(Self::new(rows, total, args, first, backwards, place))
    }

    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Page<U> {
        let rows = self.rows.into_iter().map(|row| Row { place: row.place, row: f(row.row) }).collect();
        Page { rows, has_next: self.has_next, has_previous: self.has_previous, total: self.total }
    }

    /// The same page of what each row becomes, if all of them become something.
    pub fn try_map<U>(self, mut f: impl FnMut(T) -> Result<U>) -> Result<Page<U>> {
        let rows = self.rows.into_iter().map(|row| Ok(Row { place: row.place, row: f(row.row)? })).collect::<Result<_>>()?;
        Ok(Page { rows, has_next: self.has_next, has_previous: self.has_previous, total: self.total })
    }

    pub fn items(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().map(|row| &row.row)
    }
}

/// A place in an ordered list: the order's name and the values of its columns at a row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cursor(u8, Arc<str>, Vec<Key>);

const VERSION: u8 = 1;

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Key {
    #[serde(rename = "i")]
    Int(i64),
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "u")]
    Id(Uuid),
}

impl Cursor {
    /// The place of a row in the order named `order`; `name` is the text it is sorted by where that is not its own.
    pub(crate) fn of<E: EntityTrait>(row: &impl ModelTrait<Entity = E>, name: Option<&str>, order: &Arc<str>, sorts: &[Sort<E>]) -> Self {
        let key = |sort: &Sort<E>| match (sort.of, name) {
            (Some(_), Some(name)) => Key::Text(name.to_owned()),
            _ => Key::of(row.get(sort.column)),
        };
        Self(VERSION, order.clone(), sorts.iter().map(key).collect())
    }

    fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn parse(text: &str, order: &str) -> Result<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::CursorUnknown)?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| Error::CursorUnknown)?;
        if cursor.0 == VERSION && *cursor.1 == *order { Ok(cursor) } else { Err(Error::CursorUnknown) }
    }

    pub(crate) fn values<E: EntityTrait>(&self, sorts: &[Sort<E>]) -> Result<Vec<Value>> {
        // A cursor is not signed: whatever was made of one finds nothing but rows, or is refused here.
        let fits = self.2.len() == sorts.len() && self.2.iter().zip(sorts).all(|(key, sort)| key.fits(sort));
        if !fits {
            return Err(Error::CursorUnknown);
        }
        Ok(self.2.iter().map(Key::value).collect())
    }
}

impl Key {
    fn of(value: Value) -> Self {
        match value {
            Value::BigInt(n) => Self::Int(n.unwrap_or_default()),
            Value::Int(n) => Self::Int(n.unwrap_or_default().into()),
            Value::Uuid(id) => Self::Id(id.unwrap_or_default()),
            Value::String(text) => Self::Text(text.unwrap_or_default()),
            other => Self::Text(other.to_string()),
        }
    }

    /// Whether the value is one the database can compare with the column.
    fn fits<E: EntityTrait>(&self, sort: &Sort<E>) -> bool {
        match (self, sort.column.def().get_column_type(), sort.of) {
            (Self::Text(text), _, Some(_)) => !text.contains('\0'),
            (_, _, Some(_)) => false,
            (Self::Int(_), ColumnType::BigInteger | ColumnType::Integer, None) | (Self::Id(_), ColumnType::Uuid, None) => true,
            (Self::Int(_) | Self::Id(_), _, None) => false,
            (Self::Text(text), ColumnType::Text | ColumnType::String(_) | ColumnType::Enum { .. }, None) => !text.contains('\0'),
            (Self::Text(_), _, None) => false,
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Int(n) => (*n).into(),
            Self::Text(text) => text.clone().into(),
            Self::Id(id) => (*id).into(),
        }
    }
}

pub(crate) fn order_name<E: EntityTrait>(sorts: &[Sort<E>]) -> Arc<str> {
    let name = |sort: &Sort<E>| sort.of.map_or_else(|| Iden::unquoted(&sort.column).to_string(), |of| format!("{}.{}", of.table, of.text));
    sorts.iter().map(|sort| format!("{}{}", if sort.descending { '-' } else { '+' }, name(sort))).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use entities::inventory::{ProductId, product, stock_level};
    use sea_orm::sea_query::{PostgresQueryBuilder, Query};

    fn text_of(ids: u128) -> Result<String> {
        let ids: Vec<ProductId> = (0..ids).map(|n| ProductId(Uuid::from_u128(n / 2))).collect();
        let listed = one_of(stock_level::Column::ProductId, &ids)?;
        Ok(Query::select().and_where(listed).build(PostgresQueryBuilder).0)
    }

    #[test]
    fn a_list_has_few_texts_and_an_end() {
        let texts: std::collections::BTreeSet<String> = (0..=100).map(|ids| text_of(ids).unwrap()).collect();
        assert_eq!(texts.len(), 8, "none, and 1 to 64, each once however often it is listed");
        assert!(matches!(text_of(101), Err(Error::BadArgument(_))));
    }

    #[test]
    fn a_cursor_fits_its_columns() {
        let sorts =
            [Sort::ascending(product::Column::Name), Sort::ascending(product::Column::CreatedAt), Sort::ascending(product::Column::Id)];
        let good = [Key::Text("Riz".into()), Key::Int(1), Key::Id(Uuid::nil())];
        let values = |keys: &[Key]| Cursor(VERSION, "".into(), keys.to_vec()).values::<product::Entity>(&sorts);
        assert!(values(&good).is_ok());
        let others = [Key::Text("x".into()), Key::Int(0), Key::Id(Uuid::max()), Key::Text("\0".into())];
        for place in 0..sorts.len() {
            for (at, other) in others.iter().enumerate() {
                let mut keys = good.clone();
                keys[place] = other.clone();
                assert_eq!(values(&keys).is_ok(), at == place, "{keys:?}");
            }
        }
        assert!(values(&good[..2]).is_err());
    }
}
