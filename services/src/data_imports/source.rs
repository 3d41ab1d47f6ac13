//! The bytes of an import as records, whatever they are wrapped in, within bounds.

use super::encoding::Encoding;
use crate::Code;
use crate::locale::Locale;
use csv::{ByteRecord, ReaderBuilder, Terminator};
use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::PathBuf;

/// Where the bytes come from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    File(PathBuf),
    Content(String),
}

/// The largest record, with the blank lines before it; beyond it a quote was most likely never closed.
const LARGEST_RECORD: usize = 1 << 20;
/// How much is read at a time, and how long a header may be looked for.
pub(super) const BUFFER: usize = 64 << 10;

/// How the text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Layout {
    pub encoding: Encoding,
    pub delimiter: u8,
}

/// Why a file cannot be read, at which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} at line {line}")]
pub(super) struct Unreadable {
    pub key: &'static str,
    pub code: Code,
    pub line: u64,
    /// The bound that was passed, where the sentence names it.
    pub most: Option<u64>,
}

impl Unreadable {
    pub(super) fn new(key: &'static str, line: u64) -> Self {
        Self { key, code: Code::FileUnreadable, line, most: None }
    }

    pub(super) fn say(&self, locale: Locale) -> String {
        let shown = |most: u64| if self.code == Code::FileTooLarge { locale.size(most) } else { most.to_string() };
        let most: Vec<_> = self.most.map(|most| ("most", shown(most))).into_iter().collect();
        locale.say(self.key, &most)
    }
}

impl Source {
    /// The bytes, inflated where they are compressed; reading more than `most` of them fails.
    fn open(&self, most: u64) -> io::Result<Guarded> {
        let mut plain: Box<dyn Read + Send> = match self {
            Self::File(path) => Box::new(BufReader::with_capacity(BUFFER, File::open(path)?)),
            Self::Content(text) => Box::new(Cursor::new(text.clone().into_bytes())),
        };
        let mut magic = Vec::new();
        plain.by_ref().take(2).read_to_end(&mut magic)?;
        let zipped = magic == [0x1f, 0x8b];
        let whole = Cursor::new(magic).chain(plain);
        let text: Box<dyn Read + Send> = if zipped { Box::new(MultiGzDecoder::new(BufReader::new(whole))) } else { Box::new(whole) };
        let mut guarded = Guarded { inner: text, zipped, most, left: most, budget: LARGEST_RECORD, blank: true, ended: false };
        guarded.skip_byte_order_mark()?;
        Ok(guarded)
    }

    /// The first bytes, inflated; enough for a header.
    pub(super) fn head(&self) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.open(BUFFER as u64)?.take(BUFFER as u64).read_to_end(&mut head)?;
        Ok(head)
    }

    pub(super) fn records(&self, delimiter: u8, most: u64) -> io::Result<Records> {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            // Lines are counted by their line feed; what is left of `\r\n` is taken off below.
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER)
            .from_reader(self.open(most)?);
        Ok(Records { reader, record: ByteRecord::new() })
    }
}

/// Stops at the end of what may be read in all, and of what one record may hold; ends every text with a line feed.
struct Guarded {
    inner: Box<dyn Read + Send>,
    zipped: bool,
    left: u64,
    budget: usize,
    most: u64,
    /// Whether nothing but the ends of lines was read of it.
    blank: bool,
    ended: bool,
}

impl Guarded {
    fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        let mut start = Vec::new();
        let read = self.inner.by_ref().take(3).read_to_end(&mut start);
        read.map_err(|e| self.fault(e))?;
        if start != [0xef, 0xbb, 0xbf] {
            let rest = std::mem::replace(&mut self.inner, Box::new(io::empty()));
            self.inner = Box::new(Cursor::new(start).chain(rest));
        }
        Ok(())
    }

    fn too_large(&self) -> io::Error {
        let most = Some(self.most);
        io::Error::other(Unreadable { code: Code::FileTooLarge, most, ..Unreadable::new("import-too-large", 0) })
    }

    /// What cannot be inflated is the file's fault; what cannot be read is ours.
    fn fault(&self, error: io::Error) -> io::Error {
        if self.zipped { io::Error::other(Unreadable::new("import-gzip-broken", 0)) } else { error }
    }
}

impl Read for Guarded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.budget == 0 {
            let key = if self.blank { "import-blank-lines" } else { "import-record-too-large" };
            return Err(io::Error::other(Unreadable::new(key, 0)));
        }
        let read = self.inner.read(into).map_err(|e| self.fault(e))?;
        if read == 0 && !self.ended && !into.is_empty() {
            self.ended = true;
            into[0] = b'\n';
            return Ok(1);
        }
        self.budget = self.budget.saturating_sub(read);
        self.blank = self.blank && into[..read].iter().copied().all(is_line_end);
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| self.too_large())?;
        Ok(read)
    }
}

/// The records of a text, one at a time; lines without any cell are not records.
pub(super) struct Records {
    reader: csv::Reader<Guarded>,
    record: ByteRecord,
}

impl Records {
    /// The next record and the line it begins at.
    pub(super) fn next(&mut self) -> crate::Result<Result<Option<(u64, &ByteRecord)>, Unreadable>> {
        // Once for all the blank lines that are passed over: a file may hold gigabytes of them.
        let from = self.reader.get_mut();
        (from.budget, from.blank) = (LARGEST_RECORD, true);
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
        let inside = self.record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        let line = self.reader.position().line().saturating_sub(inside + 1).max(1);
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

pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The delimiter a header is written with: the one most of it has outside quotes.
pub(super) fn delimiter_of(head: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [0_u32; 3];
    const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
    for byte in head.iter().skip_while(|byte| is_line_end(**byte)) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            byte if !quoted => {
                if let Some(at) = DELIMITERS.iter().position(|d| d == byte) {
                    counts[at] += 1;
                }
            }
            _ => {}
        }
    }
    let best = (0..3).rev().max_by_key(|at| counts[*at]).unwrap_or(0);
    DELIMITERS[best]
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn finds_the_delimiter_outside_quotes() {
        for (head, delimiter) in
            [("a,b,c", b','), ("a;b;c,d", b';'), ("\"a,b,c\";d", b';'), ("a\tb", b'\t'), ("\n\r\na;b", b';'), ("a", b',')]
        {
            assert_eq!(delimiter_of(head.as_bytes()), delimiter, "{head}");
        }
    }

    #[test]
    fn an_unclosed_quote_does_not_swallow_the_file() {
        let text = format!("a,b\n1,\"{}", "x".repeat(3 << 20));
        let mut records = Source::Content(text).records(b',', u64::MAX).unwrap();
        records.next().unwrap().unwrap();
        assert_eq!(records.next().unwrap().unwrap_err().key, "import-record-too-large");
    }

    #[test]
    fn what_inflates_too_far_says_how_far_it_may() {
        let error = Source::Content(String::new()).open(4096).unwrap().too_large();
        let why = error.get_ref().and_then(|why| why.downcast_ref::<Unreadable>()).unwrap();
        for (locale, most) in [(Locale::Fr, "4\u{a0}Kio"), (Locale::En, "4\u{a0}KiB"), (Locale::Wo, "4\u{a0}Kio")] {
            assert!(why.say(locale).contains(most), "{}", why.say(locale));
        }
    }
}
