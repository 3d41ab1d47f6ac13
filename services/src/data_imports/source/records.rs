//! The records of a text, and the line each begins at.

use super::Unreadable;
use super::guarded::Guarded;
use csv::ByteRecord;

/// The records of a text, one at a time; lines without any cell are not records.
pub struct Records {
    reader: csv::Reader<Guarded>,
    record: ByteRecord,
}

impl Records {
    pub(super) fn new(reader: csv::Reader<Guarded>) -> Self {
        Self { reader, record: ByteRecord::new() }
    }

    /// The next record and the line it begins at. One whose last quote is never closed would be all the rest of the file.
    pub fn next(&mut self) -> crate::Result<Result<Option<(u64, &ByteRecord)>, Unreadable>> {
        // Once for all the blank lines that are passed over: a file may hold gigabytes of them.
        self.reader.get_mut().begin_record();
        loop {
            let before = self.reader.position().line();
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => return Ok(Ok(None)),
                Err(error) => return unreadable(error, before).map(Err),
            }
            self.take_off_carriage_return();
            if !(self.record.len() == 1 && self.record[0].is_empty()) {
                break;
            }
        }
        let is_open = self.reader.get_ref().is_exhausted();
        // No line feed ends a record that is still open: the last of the text is inside it.
        let own = line_feeds(self.record.as_slice()) + u64::from(!is_open);
        let line = self.reader.position().line().saturating_sub(own).max(1);
        if is_open {
            let closed = self.record.iter().rev().skip(1).map(line_feeds).sum::<u64>();
            return Ok(Err(Unreadable::new("import-quote-open", line + closed)));
        }
        Ok(Ok(Some((line, &self.record))))
    }

    fn take_off_carriage_return(&mut self) {
        if self.record.iter().next_back().is_some_and(|cell| cell.ends_with(b"\r")) {
            let last = self.record.len() - 1;
            let cells = self.record.iter().enumerate();
            self.record = cells.map(|(at, cell)| if at == last { &cell[..cell.len() - 1] } else { cell }).collect();
        }
    }
}

pub fn line_feeds(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Tells a fault of the file from one of ours.
fn unreadable(error: csv::Error, line: u64) -> crate::Result<Unreadable> {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => match error.downcast::<Unreadable>() {
            Ok(known) => Ok(Unreadable { line, ..known }),
            Err(other) => Err(other.into()),
        },
        other => Err(crate::Error::internal(format!("{other:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Source, delimiter_of};

    fn lines(text: &str) -> Vec<(u64, Vec<String>)> {
        let mut records = Source::Content(text.into()).records(delimiter_of(text.as_bytes()), u64::MAX).unwrap();
        let mut all = Vec::new();
        while let Some((line, record)) = records.next().unwrap().unwrap() {
            all.push((line, record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()));
        }
        all
    }

    #[test]
    fn counts_the_lines_of_the_file_not_of_the_records() {
        let expected: Vec<(u64, Vec<String>)> = [(1, ["a", "b"]), (2, ["1", "2"]), (5, ["x\ny", "5"]), (7, ["6", "7"])]
            .map(|(line, cells)| (line, cells.map(str::to_owned).to_vec()))
            .to_vec();
        assert_eq!(lines("a,b\n1,2\n\n\n\"x\ny\",5\n6,7"), expected);
        assert_eq!(lines("a,b\r\n1,2\r\n\r\n\r\n\"x\ny\",5\r\n6,\"7\"\r\n"), expected);
        assert_eq!(lines("\u{feff}a;b\n1;2\n\n\n\"x\ny\";5\n6;7\n\n"), expected);
    }

    /// The line at which a text that opens a quote is said to.
    fn opened_at(text: &str) -> u64 {
        let mut records = Source::Content(text.into()).records(b',', u64::MAX).unwrap();
        loop {
            match records.next().unwrap() {
                Ok(next) => assert!(next.is_some(), "no quote is open in {text:?}"),
                Err(fault) => {
                    assert_eq!(fault.key, "import-quote-open", "{text:?}");
                    return fault.line;
                }
            }
        }
    }

    #[test]
    fn names_the_line_whose_quote_is_never_closed() {
        for end in ["", "\n", "\n\n", "\r\n"] {
            assert_eq!(opened_at(&format!("a,b\n1,2\n\"3,4\n5,6{end}")), 3, "{end:?}");
            assert_eq!(opened_at(&format!("a,b\n\n\n1,\"2{end}")), 4, "{end:?}");
            assert_eq!(opened_at(&format!("a,b\n\"x\ny\",\"2\n3,4{end}")), 3, "{end:?}");
            assert_eq!(opened_at(&format!("\"a,b\n1,2{end}")), 1, "{end:?}");
            assert_eq!(lines(&format!("a,b\n1,\"2\n\"{end}")).len(), 2, "one that is closed at the very end: {end:?}");
        }
        assert_eq!(opened_at("a,b\n1,\""), 2);
    }

    #[test]
    fn an_unclosed_quote_does_not_swallow_the_file() {
        let text = format!("a,b\n1,\"{}", "x".repeat(3 << 20));
        let mut records = Source::Content(text).records(b',', u64::MAX).unwrap();
        records.next().unwrap().unwrap();
        assert_eq!(records.next().unwrap().unwrap_err().key, "import-record-too-large");
    }
}
