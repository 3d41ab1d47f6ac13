//! One text made into the statement of each database.

use sea_orm::DbBackend;

#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) text: String,
    pub(super) slots: Vec<Slot>,
}

/// What fills one parameter.
#[derive(Debug, PartialEq)]
pub(super) enum Slot {
    Named(String),
    List(String),
    /// A whole column (PostgreSQL), by its place.
    Column(String, usize),
    /// All rows as JSON (SQLite).
    Rows(String),
}

/// The text of a file as one database takes it.
pub(super) fn render(text: &str, backend: DbBackend) -> Rendered {
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
pub(in crate::scope) fn keeps_plan(sql: &str) -> bool {
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
