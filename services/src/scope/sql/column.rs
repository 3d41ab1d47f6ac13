//! Batches of rows, column by column, as each database takes them.

use uuid::Uuid;

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
    pub(super) fn array_literal(&self) -> String {
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

/// A batch as JSON, an array a row.
pub(super) fn json_rows(columns: &[Column]) -> String {
    let rows = columns.first().map_or(0, Column::len);
    let rows: Vec<serde_json::Value> =
        (0..rows).map(|row| columns.iter().map(|column| column.json_at(row)).collect::<Vec<_>>().into()).collect();
    serde_json::Value::from(rows).to_string()
}
