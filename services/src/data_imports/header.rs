//! The head of a file: how it is delimited, and its first line.

use super::encoding::{Encoding, decode};
use super::source::{self, Source, Unreadable, delimiter_of, is_line_end};

/// The first line of a file.
#[derive(Debug)]
pub(super) struct Header {
    pub columns: Vec<String>,
    /// Whether any row follows it.
    pub has_rows: bool,
}

/// A header, a first row, and what is blank before each.
const MOST: u64 = 4 << 20;
const MOST_COLUMNS: usize = 1000;
const LONGEST_NAME: usize = 200;

/// Reads the header of a file, and looks whether anything follows.
pub(super) fn header_of(source: &Source) -> crate::Result<Result<Header, Unreadable>> {
    let delimiter = match opening(source)? {
        Ok(delimiter) => delimiter,
        Err(unreadable) => return Ok(Err(unreadable)),
    };
    let mut records = source.records(delimiter, MOST)?;
    let columns = match records.next()? {
        Ok(Some((_, record))) => columns_of(record),
        Ok(None) => return Ok(Err(Unreadable::new("import-empty", 1))),
        Err(unreadable) => return Ok(Err(unreadable)),
    };
    let columns = match columns {
        Ok(columns) => columns,
        Err(unreadable) => return Ok(Err(unreadable)),
    };
    Ok(records.next()?.map(|next| Header { columns, has_rows: next.is_some() }))
}

/// The delimiter of a file, if its first bytes can be those of a table.
pub(super) fn opening(source: &Source) -> crate::Result<Result<u8, Unreadable>> {
    let head = match source.head() {
        Ok(head) => head,
        Err(error) => return error.downcast::<Unreadable>().map(Err).map_err(Into::into),
    };
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Ok(Err(Unreadable::new("import-utf16", 1)));
    }
    if head.len() == source::BUFFER && head.iter().copied().all(is_line_end) {
        return Ok(Err(Unreadable::new("import-blank-lines", 1)));
    }
    Ok(Ok(delimiter_of(&head)))
}

fn columns_of(record: &csv::ByteRecord) -> Result<Vec<String>, Unreadable> {
    if record.as_slice().contains(&0) {
        return Err(Unreadable::new("import-nul", 1));
    }
    if record.as_slice().contains(&b'\r') {
        return Err(Unreadable::new("import-line-ends", 1));
    }
    if record.len() > MOST_COLUMNS {
        return Err(Unreadable::new("import-header-too-large", 1));
    }
    let text = |cell| decode(Encoding::Utf8, cell).or_else(|| decode(Encoding::Windows1252, cell));
    let columns: Option<Vec<String>> = record.iter().map(|cell| text(cell).map(|text| text.trim().to_owned())).collect();
    let columns = columns.ok_or(Unreadable::new("import-encoding-unknown", 1))?;
    let long = columns.iter().any(|name| name.chars().count() > LONGEST_NAME);
    if long { Err(Unreadable::new("import-header-too-large", 1)) } else { Ok(columns) }
}
