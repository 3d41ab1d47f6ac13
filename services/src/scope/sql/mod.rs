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

mod column;
mod render;
#[cfg(test)]
mod tests;

pub use column::Column;
pub(super) use render::keeps_plan;

use column::json_rows;
use render::{Rendered, Slot, render};
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

fn json_list(ids: &[Uuid]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| hex::encode(id.as_bytes())).collect();
    serde_json::Value::from(ids).to_string()
}

/// The negative control takes the predicate out of statements by hand, too.
fn without_tenant(text: &str) -> String {
    text.replace(".tenant_id = :tenant", ".tenant_id IS NOT NULL AND :tenant = :tenant")
}
