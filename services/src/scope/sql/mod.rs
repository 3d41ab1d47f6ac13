//! SQL by hand: one file a statement beside its domain, one text for both databases.
//!
//! | in the file | PostgreSQL | SQLite |
//! |---|---|---|
//! | `:name` | `$n` | `?n` |
//! | `x :in(ids)` | `x = ANY($n::uuid[])` | `x IN (SELECT unhex(value) FROM json_each(?n))` |
//! | `:rows(r: a uuid, b bigint)` | `unnest($n::uuid[], …) AS r(a, b)` | `(SELECT unhex(…) AS a, … FROM json_each(?n)) AS r` |
//! | `:reach(x.owner)` | whether the member is in reach of the right bound by `within` | the same |
//! | line ending in `-- postgres` / `-- sqlite` | kept for that database alone | |
//!
//! `:tenant` is bound by the scope itself. Column types of `:rows`: `uuid`, `bigint`, `text`, `bytes`, `boolean`.

mod column;
mod render;
#[cfg(test)]
mod tests;

pub use column::Column;
pub(super) use render::keeps_plan;

use super::read::said_by_hand;
use crate::identity::Reach;
use column::json_rows;
use render::{Rendered, Slot, render};
use sea_orm::{DbBackend, Statement, Value};
use std::borrow::Cow;
use std::sync::OnceLock;
use uuid::Uuid;

/// A statement of a domain, by name and text.
pub struct Sql {
    pub name: &'static str,
    text: &'static str,
    /// For each database the text as it is, and as it is for each reach of a right.
    rendered: [OnceLock<Rendered>; 8],
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
    /// How far a right reaches, in place of `:reach(…)`.
    Reach(Reach),
}

impl Sql {
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, rendered: [const { OnceLock::new() }; 8] }
    }

    /// The statement for one database, its parameters filled; a name without a value is a fault of the caller.
    pub(super) fn build(&self, backend: DbBackend, bound: &[(&'static str, Bound)]) -> Result<Statement, String> {
        let reach = bound.iter().find_map(|(_, bound)| if let Bound::Reach(reach) = bound { Some(*reach) } else { None });
        if reach.is_some() && !self.text.contains(REACH) {
            return Err(format!("{}: names no owner for a right to reach", self.name));
        }
        let place = usize::from(backend == DbBackend::Postgres) * 4 + reach.map_or(0, |reach| reach as usize + 1);
        let text = || reach.map_or_else(|| self.text.into(), |reach| reaching(self.text, reach));
        let leaking = super::leaking().then(|| render(&without_tenant(&text()), backend));
        let rendered = leaking.as_ref().unwrap_or_else(|| self.rendered[place].get_or_init(|| render(&text(), backend)));
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

const REACH: &str = ":reach(";

/// The text with each `:reach(owner)` as the reach wants it.
fn reaching(text: &str, reach: Reach) -> Cow<'_, str> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, (owner, after))) = rest.split_once(REACH).and_then(|(before, after)| Some((before, after.split_once(')')?))) {
        out.push_str(before);
        out.push_str(&said_by_hand(owner.trim(), reach));
        rest = after;
    }
    out.push_str(rest);
    out.into()
}

/// The negative control takes the predicate out of statements by hand, too.
fn without_tenant(text: &str) -> String {
    text.replace(".tenant_id = :tenant", ".tenant_id IS NOT NULL AND :tenant = :tenant")
}
