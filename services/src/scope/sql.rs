//! SQL by hand: one file a statement beside its domain, one text for both databases.
//!
//! | in the file | PostgreSQL | SQLite |
//! |---|---|---|
//! | `:name` | `$n` | `?n` |
//! | `x :in(ids)` | `x = ANY($n::uuid[])` | `x IN (SELECT unhex(value) FROM json_each(?n))` |
//! | `:rows(r: a uuid, b bigint)` | `unnest($n::uuid[], …) AS r(a, b)` | `(SELECT unhex(…) AS a, … FROM json_each(?n)) AS r` |
//! | line ending in `-- postgres` / `-- sqlite` | kept for that database alone | |
//!
//! `:tenant` is bound by the scope itself. Column types of `:rows`: `uuid`, `bigint`, `text`, `bytes`, `boolean`.

use sea_orm::{DbBackend, Statement, Value};
use std::sync::OnceLock;
use uuid::Uuid;

/// A statement of a domain, by name and text.
pub struct Sql {
    pub name: &'static str,
    text: &'static str,
    postgres: OnceLock<Rendered>,
    sqlite: OnceLock<Rendered>,
}

/// The SQL text of a file below the caller's `sql/` folder.
#[macro_export]
macro_rules! sql {
    ($file:literal) => {{
        static SQL: $crate::scope::Sql = $crate::scope::Sql::new($file, include_str!(concat!("sql/", $file)));
        &SQL
    }};
}

#[derive(Debug)]
struct Rendered {
    text: String,
    slots: Vec<Slot>,
}

/// What fills one parameter.
#[derive(Debug, PartialEq)]
enum Slot {
    Named(String),
    List(String),
    /// A whole column (PostgreSQL), by its place.
    Column(String, usize),
    /// All rows as JSON (SQLite).
    Rows(String),
}

/// One column of a batch of rows.
#[derive(Clone, Debug)]
pub enum Column {
    Uuids(Vec<Option<Uuid>>),
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
    Bools(Vec<Option<bool>>),
}

impl Column {
    pub fn uuids<I: Into<Uuid>>(all: impl IntoIterator<Item = I>) -> Self {
        Self::Uuids(all.into_iter().map(|id| Some(id.into())).collect())
    }
    pub fn maybe_uuids<I: Into<Uuid>>(all: impl IntoIterator<Item = Option<I>>) -> Self {
        Self::Uuids(all.into_iter().map(|id| id.map(Into::into)).collect())
    }
    pub fn ints(all: impl IntoIterator<Item = i64>) -> Self {
        Self::Ints(all.into_iter().map(Some).collect())
    }
    pub fn maybe_ints(all: impl IntoIterator<Item = Option<i64>>) -> Self {
        Self::Ints(all.into_iter().collect())
    }
    pub fn texts<S: Into<String>>(all: impl IntoIterator<Item = S>) -> Self {
        Self::Texts(all.into_iter().map(|text| Some(text.into())).collect())
    }
    pub fn maybe_texts<S: Into<String>>(all: impl IntoIterator<Item = Option<S>>) -> Self {
        Self::Texts(all.into_iter().map(|text| text.map(Into::into)).collect())
    }

    fn len(&self) -> usize {
        match self {
            Self::Uuids(all) => all.len(),
            Self::Ints(all) => all.len(),
            Self::Texts(all) => all.len(),
            Self::Bytes(all) => all.len(),
            Self::Bools(all) => all.len(),
        }
    }

    /// The column as PostgreSQL writes an array, which can hold nulls where a bound array of the driver cannot.
    fn array_literal(&self) -> String {
        fn list<T>(all: &[Option<T>], write: impl Fn(&mut String, &T)) -> String {
            let mut text = String::with_capacity(all.len() * 16 + 2);
            text.push('{');
            for (at, one) in all.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                match one {
                    Some(one) => write(&mut text, one),
                    None => text.push_str("NULL"),
                }
            }
            text.push('}');
            text
        }
        match self {
            Self::Uuids(all) => list(all, |text, id| text.push_str(id.simple().encode_lower(&mut Uuid::encode_buffer()))),
            Self::Ints(all) => list(all, |text, n| text.push_str(&n.to_string())),
            Self::Texts(all) => list(all, |text, one| quote(text, one)),
            Self::Bytes(all) => list(all, |text, bytes| quote(text, &format!("\\x{}", hex::encode(bytes)))),
            Self::Bools(all) => list(all, |text, one| text.push(if *one { 't' } else { 'f' })),
        }
    }

    fn json_at(&self, row: usize) -> serde_json::Value {
        match self {
            Self::Uuids(all) => all[row].map(|id| hex::encode(id.as_bytes())).into(),
            Self::Ints(all) => all[row].into(),
            Self::Texts(all) => all[row].clone().into(),
            Self::Bytes(all) => all[row].as_ref().map(hex::encode).into(),
            Self::Bools(all) => all[row].map(i64::from).into(),
        }
    }
}

/// A value bound to a name.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    One(Value),
    Ids(Vec<Uuid>),
    Rows(Vec<Column>),
}

impl Sql {
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, postgres: OnceLock::new(), sqlite: OnceLock::new() }
    }

    /// The statement for one database, its parameters filled; a name without a value is a fault of the caller.
    pub(super) fn build(&self, backend: DbBackend, bound: &[(&'static str, Bound)]) -> Result<Statement, String> {
        let cell = if backend == DbBackend::Postgres { &self.postgres } else { &self.sqlite };
        let leaking = super::leaking().then(|| render(&without_tenant(self.text), backend));
        let rendered = leaking.as_ref().unwrap_or_else(|| cell.get_or_init(|| render(self.text, backend)));
        let values = rendered.slots.iter().map(|slot| self.fill(slot, backend, bound)).collect::<Result<Vec<_>, _>>()?;
        Ok(Statement::from_sql_and_values(backend, rendered.text.clone(), values))
    }

    fn fill(&self, slot: &Slot, backend: DbBackend, bound: &[(&'static str, Bound)]) -> Result<Value, String> {
        let find = |name: &str| {
            bound.iter().find(|(n, _)| *n == name).map(|(_, b)| b).ok_or_else(|| format!("{}: `{name}` is not bound", self.name))
        };
        match slot {
            Slot::Named(name) => match find(name)? {
                Bound::One(value) => Ok(value.clone()),
                _ => Err(format!("{}: `{name}` is not a single value", self.name)),
            },
            Slot::List(name) => match find(name)? {
                // As an array, not its text: that would be read again for each row a plan compares with it.
                Bound::Ids(ids) if backend == DbBackend::Postgres => Ok(ids.clone().into()),
                Bound::Ids(ids) => Ok(json_list(ids).into()),
                _ => Err(format!("{}: `{name}` is not a list of ids", self.name)),
            },
            Slot::Column(name, place) => match find(name)? {
                Bound::Rows(columns) => {
                    let column = columns.get(*place).ok_or_else(|| format!("{}: `{name}` lacks a column", self.name))?;
                    Ok(column.array_literal().into())
                }
                _ => Err(format!("{}: `{name}` is not rows", self.name)),
            },
            Slot::Rows(name) => match find(name)? {
                Bound::Rows(columns) => Ok(json_rows(columns).into()),
                _ => Err(format!("{}: `{name}` is not rows", self.name)),
            },
        }
    }
}

/// An element of an array, quoted as PostgreSQL wants it.
fn quote(into: &mut String, text: &str) {
    into.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            into.push('\\');
        }
        into.push(c);
    }
    into.push('"');
}

fn json_list(ids: &[Uuid]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| hex::encode(id.as_bytes())).collect();
    serde_json::Value::from(ids).to_string()
}

fn json_rows(columns: &[Column]) -> String {
    let rows = columns.first().map_or(0, Column::len);
    let rows: Vec<serde_json::Value> =
        (0..rows).map(|row| columns.iter().map(|column| column.json_at(row)).collect::<Vec<_>>().into()).collect();
    serde_json::Value::from(rows).to_string()
}

/// The negative control takes the predicate out of statements by hand, too.
fn without_tenant(text: &str) -> String {
    text.replace(".tenant_id = :tenant", ".tenant_id IS NOT NULL AND :tenant = :tenant")
}

fn render(text: &str, backend: DbBackend) -> Rendered {
    let other = if backend == DbBackend::Postgres { "-- sqlite" } else { "-- postgres" };
    let kept = text.lines().filter(|line| !line.trim_end().ends_with(other)).map(without_comment);
    let kept = kept.filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n");
    let mut out = Rendered { text: String::with_capacity(kept.len()), slots: Vec::new() };
    if backend == DbBackend::Postgres && text.lines().any(|line| line.starts_with("-- planned anew")) {
        out.text.push_str(ANEW);
    }
    let mut rest = kept.as_str();
    while let Some(at) = next_parameter(rest) {
        out.text.push_str(&rest[..at]);
        rest = out.parameter(&rest[at + 1..], backend);
    }
    out.text.push_str(rest);
    out
}

/// Begins a statement that PostgreSQL plans each time: what its file says by a line `-- planned anew`, and why. The plan of
/// others is kept for as long as their connection, which may have seen their tables empty: among the indexes that begin with
/// the tenant all look alike then, and a look-up of thousands of keys may read the whole organisation for each.
const ANEW: &str = "/**/ ";

/// Whether the plan of a statement may be kept.
pub(super) fn keeps_plan(sql: &str) -> bool {
    !sql.starts_with(ANEW)
}

fn without_comment(line: &str) -> &str {
    line.split_once("--").map_or(line, |(code, _)| code)
}

/// The place of the next `:name` that is not a `::cast`.
fn next_parameter(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len())
        .find(|&at| bytes[at] == b':' && bytes.get(at + 1).is_some_and(|c| c.is_ascii_alphabetic()) && (at == 0 || bytes[at - 1] != b':'))
}

impl Rendered {
    /// Writes the parameter `text` starts with and returns what follows it.
    fn parameter<'t>(&mut self, text: &'t str, backend: DbBackend) -> &'t str {
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        match (name, rest.strip_prefix('(').and_then(|rest| rest.split_once(')'))) {
            ("in", Some((list, rest))) => {
                let slot = self.slot(Slot::List(list.trim().to_owned()), backend);
                self.text.push_str(&match backend {
                    DbBackend::Postgres => format!("= ANY({slot}::uuid[])"),
                    _ => format!("IN (SELECT unhex(value) FROM json_each({slot}))"),
                });
                rest
            }
            ("rows", Some((rows, rest))) => {
                self.rows(rows, backend);
                rest
            }
            _ => {
                let slot = self.slot(Slot::Named(name.to_owned()), backend);
                self.text.push_str(&slot);
                rest
            }
        }
    }

    fn rows(&mut self, declared: &str, backend: DbBackend) {
        let (name, columns) = declared.split_once(':').unwrap_or((declared, ""));
        let name = name.trim();
        let columns: Vec<(&str, &str)> = columns.split(',').filter_map(|c| c.trim().split_once(' ')).collect();
        let names = columns.iter().map(|(column, _)| *column).collect::<Vec<_>>().join(", ");
        if backend == DbBackend::Postgres {
            let arrays: Vec<String> = (0..columns.len())
                .map(|place| {
                    let kind = if columns[place].1 == "bytes" { "bytea" } else { columns[place].1 };
                    format!("{}::{kind}[]", self.slot(Slot::Column(name.to_owned(), place), backend))
                })
                .collect();
            self.text.push_str(&format!("unnest({}) AS {name}({names})", arrays.join(", ")));
        } else {
            let slot = self.slot(Slot::Rows(name.to_owned()), backend);
            let picked: Vec<String> = columns
                .iter()
                .enumerate()
                .map(|(place, (column, kind))| match *kind {
                    "uuid" | "bytes" => format!("unhex(value ->> {place}) AS {column}"),
                    _ => format!("value ->> {place} AS {column}"),
                })
                .collect();
            self.text.push_str(&format!("(SELECT {} FROM json_each({slot})) AS {name}", picked.join(", ")));
        }
    }

    fn slot(&mut self, slot: Slot, backend: DbBackend) -> String {
        let place = self.slots.iter().position(|known| *known == slot).unwrap_or_else(|| {
            self.slots.push(slot);
            self.slots.len() - 1
        });
        if backend == DbBackend::Postgres { format!("${}", place + 1) } else { format!("?{}", place + 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_one_text_for_two_databases() {
        let text = "SELECT a::text, :now -- the time\nFROM t\nWHERE id :in(ids) AND b = :now\nFOR UPDATE -- postgres\n";
        let postgres = render(text, DbBackend::Postgres);
        assert_eq!(postgres.text, "SELECT a::text, $1 \nFROM t\nWHERE id = ANY($2::uuid[]) AND b = $1\nFOR UPDATE ");
        let sqlite = render(text, DbBackend::Sqlite);
        assert_eq!(sqlite.text, "SELECT a::text, ?1 \nFROM t\nWHERE id IN (SELECT unhex(value) FROM json_each(?2)) AND b = ?1");
    }

    #[test]
    fn a_statement_says_that_it_is_planned_anew() {
        let text = "-- planned anew: who knows\nSELECT 1";
        let [postgres, sqlite] = [DbBackend::Postgres, DbBackend::Sqlite].map(|backend| render(text, backend).text);
        assert_eq!((postgres.as_str(), sqlite.as_str()), ("/**/ SELECT 1", "SELECT 1"));
        assert_eq!([postgres, sqlite].map(|text| keeps_plan(&text)), [false, true]);
    }

    #[test]
    fn writes_columns_as_arrays_with_nulls_and_quotes() {
        let texts = Column::maybe_texts([Some("a\"b"), None, Some("c\\d,{}"), Some("NULL")]);
        assert_eq!(texts.array_literal(), r#"{"a\"b",NULL,"c\\d,{}","NULL"}"#);
        assert_eq!(Column::maybe_ints([Some(-1), None]).array_literal(), "{-1,NULL}");
        assert_eq!(Column::Bytes(vec![Some(vec![1, 255])]).array_literal(), r#"{"\\x01ff"}"#);
    }

    #[test]
    fn renders_batches_of_rows() {
        let text = "INSERT INTO t SELECT :tenant, r.id FROM :rows(r: id uuid, n bigint)";
        assert_eq!(
            render(text, DbBackend::Postgres).text,
            "INSERT INTO t SELECT $1, r.id FROM unnest($2::uuid[], $3::bigint[]) AS r(id, n)"
        );
        assert_eq!(
            render(text, DbBackend::Sqlite).text,
            "INSERT INTO t SELECT ?1, r.id FROM (SELECT unhex(value ->> 0) AS id, value ->> 1 AS n FROM json_each(?2)) AS r"
        );
    }
}
