//! The bytes of an import as records, whatever they are wrapped in, within bounds.

mod guarded;
mod layout;
mod records;
mod unreadable;

pub(super) use layout::{Layout, delimiter_of};
pub(super) use records::{Records, line_feeds};
pub(super) use unreadable::Unreadable;

use csv::{ReaderBuilder, Terminator};
use flate2::read::MultiGzDecoder;
use guarded::Guarded;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::PathBuf;

/// Where the bytes come from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    File(PathBuf),
    Content(String),
}

/// How much is read at a time, and how long a header may be looked for.
pub(super) const BUFFER: usize = 64 << 10;

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
        Guarded::new(text, zipped, most)
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
            // Lines are counted by their line feed; what is left of `\r\n` the records take off.
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER)
            .from_reader(self.open(most)?);
        Ok(Records::new(reader))
    }
}

pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}
