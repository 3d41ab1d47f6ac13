//! The first pass over a file: it changes nothing, and what it finds broken never half arrives.

use super::encoding::{Encoding, windows_1252};
use super::header::opening;
use super::order::{Course, Dates};
use super::source::{Layout, Source, Unreadable, line_feeds};
use crate::Code;

/// What a whole look at a file tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Survey {
    pub layout: Layout,
    pub rows: u64,
}

/// What a file may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Inflated.
    pub bytes: u64,
    pub rows: u64,
}

/// Reads the file to its end: whether it can be read at all, how it is written, which way its instants go, how many rows it has.
pub(super) fn survey(
    source: &Source,
    most: Bounds,
    dates: Option<Dates>,
    go_on: impl Fn() -> bool,
) -> crate::Result<Result<Survey, Unreadable>> {
    let delimiter = match opening(source)? {
        Ok(delimiter) => delimiter,
        Err(unreadable) => return Ok(Err(unreadable)),
    };
    let mut records = source.records(delimiter, most.bytes)?;
    let (mut seen, mut course, mut rows, mut columns) = (Seen::default(), Course::default(), 0, 0);
    loop {
        let (line, record) = match records.next()? {
            Ok(Some(next)) => next,
            Ok(None) => break,
            Err(unreadable) => return Ok(Err(unreadable)),
        };
        if rows == 0 && record.as_slice().contains(&b'\r') {
            return Ok(Err(Unreadable::new("import-line-ends", 1)));
        }
        if rows == 0 {
            columns = record.len();
        }
        // On one line it is a row at fault; over several, a quote that another row's closes has taken rows along.
        if record.len() != columns && line_feeds(record.as_slice()) > 0 {
            return Ok(Err(Unreadable::new("import-quote-astray", line)));
        }
        seen.look(line, record);
        if let Some(at) = dates.filter(|_| rows > 0).and_then(|dates| dates.instant(record)) {
            course.pass(at);
        }
        rows += 1;
        // The header is one of them.
        if rows > most.rows.saturating_add(1) {
            return Ok(Err(Unreadable {
                code: Code::LimitReached,
                most: Some(most.rows),
                ..Unreadable::new("import-too-many-rows", line)
            }));
        }
        if rows % 4096 == 0 && !go_on() {
            break;
        }
    }
    match rows {
        0 => Ok(Err(Unreadable::new("import-empty", 1))),
        1 => Ok(Err(Unreadable::new("import-only-header", 1))),
        rows => {
            Ok(seen.encoding().map(|encoding| Survey { layout: Layout { encoding, delimiter, order: course.order() }, rows: rows - 1 }))
        }
    }
}

/// Which encodings the bytes so far can be.
#[derive(Default)]
struct Seen {
    /// A character of several bytes, well-formed UTF-8.
    utf8: bool,
    /// The first line that is not UTF-8.
    not_utf8: Option<u64>,
    /// The first line that is not Windows-1252 either.
    not_1252: Option<u64>,
}

impl Seen {
    fn look(&mut self, line: u64, record: &csv::ByteRecord) {
        if record.as_slice().is_ascii() {
            return;
        }
        for cell in record.iter().filter(|cell| !cell.is_ascii()) {
            match std::str::from_utf8(cell) {
                Ok(_) => self.utf8 = true,
                Err(_) => {
                    self.not_utf8.get_or_insert(line);
                }
            }
            if cell.iter().any(|byte| windows_1252(*byte).is_none()) {
                self.not_1252.get_or_insert(line);
            }
        }
    }

    fn encoding(&self) -> Result<Encoding, Unreadable> {
        match (self.not_utf8, self.utf8, self.not_1252) {
            (None, ..) => Ok(Encoding::Utf8),
            // Both kinds of lines: whichever is taken, the other becomes nonsense.
            (Some(line), true, _) => Err(Unreadable::new("import-encoding-mixed", line)),
            (Some(_), false, None) => Ok(Encoding::Windows1252),
            (Some(_), false, Some(line)) => Err(Unreadable::new("import-encoding-unknown", line)),
        }
    }
}
