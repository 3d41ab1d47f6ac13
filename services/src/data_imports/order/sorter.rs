//! Sorting more rows than memory holds.
//!
//! An external merge sort (Knuth, The Art of Computer Programming 3, 5.4): rows are gathered up to a bound, sorted and written to
//! one nameless file run after run; then the runs are read side by side. What fits within the bound never reaches the disk.

use super::Order;
use csv::ByteRecord;
use entities::Timestamp;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// How many bytes of rows are sorted at once. The largest file has some three hundred times as many.
const RUN: usize = 16 << 20;
/// How much of a run is read at once.
const BUFFER: usize = 16 << 10;

/// What rows are sorted by: their instant, those without one first; then their place.
type Key = (i64, i64);

/// Takes rows in the order of the file and gives them back in that of time.
pub(in crate::data_imports) struct Sorter {
    order: Order,
    scratch: PathBuf,
    /// How many bytes a run has at most.
    run: usize,
    /// How many rows came.
    rows: i64,
    /// Rows as they are written, one after the other, and where each begins and ends.
    gathered: Vec<u8>,
    places: Vec<(Key, usize, usize)>,
    spilled: Option<Spilled>,
}

/// The runs that did not fit, in a file that goes with its last handle.
struct Spilled {
    file: File,
    /// Where each run ends, and so the next begins.
    ends: Vec<u64>,
    end: u64,
}

impl Sorter {
    /// What does not fit in memory goes to the folder `scratch`.
    pub(in crate::data_imports) fn new(order: Order, scratch: PathBuf) -> Self {
        Self::with_run(order, scratch, RUN)
    }

    pub(super) fn with_run(order: Order, scratch: PathBuf, run: usize) -> Self {
        Self { order, scratch, run, rows: 0, gathered: Vec::new(), places: Vec::new(), spilled: None }
    }

    /// Takes the next row of the file.
    pub(in crate::data_imports) fn push(&mut self, at: Option<Timestamp>, line: u64, record: &ByteRecord) -> io::Result<()> {
        self.rows += 1;
        let place = if self.order == Order::FromTheEnd { -self.rows } else { self.rows };
        let key = (at.map_or(i64::MIN, |at| at.0), place);
        let begin = self.gathered.len();
        write_row(&mut self.gathered, key, line, record)?;
        self.places.push((key, begin, self.gathered.len()));
        if self.gathered.len() + self.places.len() * size_of::<(Key, usize, usize)>() < self.run {
            return Ok(());
        }
        let mut spilled = match self.spilled.take() {
            Some(spilled) => spilled,
            None => Spilled::new(&self.scratch)?,
        };
        spilled.end += self.gathered.len() as u64;
        spilled.ends.push(spilled.end);
        self.write_sorted(BufWriter::new(&spilled.file))?;
        self.spilled = Some(spilled);
        Ok(())
    }

    /// Writes what is gathered, sorted, and lets go of it.
    fn write_sorted(&mut self, mut into: impl Write) -> io::Result<()> {
        self.places.sort_unstable_by_key(|(key, ..)| *key);
        for (_, begin, end) in self.places.drain(..) {
            into.write_all(&self.gathered[begin..end])?;
        }
        self.gathered.clear();
        into.flush()
    }

    /// Gives each row and its line to `take`, in the order of time, until that says no.
    pub(in crate::data_imports) fn each(mut self, mut take: impl FnMut(u64, &ByteRecord) -> bool) -> io::Result<()> {
        let mut last = Vec::with_capacity(self.gathered.len());
        self.write_sorted(&mut last)?;
        (self.gathered, self.places) = Default::default();
        let mut runs: Vec<Box<dyn Read + '_>> = vec![Box::new(Cursor::new(last))];
        if let Some(spilled) = &self.spilled {
            runs.extend(spilled.runs());
        }
        let mut next = BinaryHeap::new();
        for (at, run) in runs.iter_mut().enumerate() {
            next.extend(read_key(run)?.map(|key| Reverse((key, at))));
        }
        let mut record = ByteRecord::new();
        while let Some(Reverse((_, at))) = next.pop() {
            let line = read_row(&mut runs[at], &mut record)?;
            if !take(line, &record) {
                return Ok(());
            }
            next.extend(read_key(&mut runs[at])?.map(|key| Reverse((key, at))));
        }
        Ok(())
    }
}

impl Spilled {
    fn new(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { file: tempfile::tempfile_in(folder)?, ends: Vec::new(), end: 0 })
    }

    fn runs(&self) -> impl Iterator<Item = Box<dyn Read + '_>> {
        let begins = std::iter::once(&0).chain(&self.ends);
        begins.zip(&self.ends).map(|(at, end)| -> Box<dyn Read + '_> {
            Box::new(BufReader::with_capacity(BUFFER, Section { file: &self.file, at: *at, end: *end }))
        })
    }
}

/// A part of a file that others read as well, elsewhere.
struct Section<'a> {
    file: &'a File,
    at: u64,
    end: u64,
}

impl Read for Section<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.file.seek(SeekFrom::Start(self.at))?;
        let read = self.file.take(self.end - self.at).read(into)?;
        self.at += read as u64;
        Ok(read)
    }
}

fn write_row(into: &mut Vec<u8>, (at, place): Key, line: u64, record: &ByteRecord) -> io::Result<()> {
    let count = |length: usize| u32::try_from(length).map_err(io::Error::other);
    into.extend(at.to_le_bytes());
    into.extend(place.to_le_bytes());
    into.extend(line.to_le_bytes());
    into.extend(count(record.len())?.to_le_bytes());
    for cell in record {
        into.extend(count(cell.len())?.to_le_bytes());
        into.extend_from_slice(cell);
    }
    Ok(())
}

/// What the next row of a run is sorted by; none at its end.
fn read_key(run: &mut impl Read) -> io::Result<Option<Key>> {
    let mut key = Vec::with_capacity(16);
    run.by_ref().take(16).read_to_end(&mut key)?;
    let Some((at, place)) = key.split_at_checked(8) else { return Ok(None) };
    let number = |bytes: &[u8]| bytes.try_into().map(i64::from_le_bytes).map_err(io::Error::other);
    Ok(Some((number(at)?, number(place)?)))
}

/// The rest of the row whose key was read: its line, and its cells into `record`.
fn read_row(run: &mut impl Read, record: &mut ByteRecord) -> io::Result<u64> {
    record.clear();
    let line = u64::from_le_bytes(bytes(run)?);
    let mut cell = Vec::new();
    for _ in 0..u32::from_le_bytes(bytes(run)?) {
        cell.resize(u32::from_le_bytes(bytes(run)?) as usize, 0);
        run.read_exact(&mut cell)?;
        record.push_field(&cell);
    }
    Ok(line)
}

fn bytes<const N: usize>(run: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    run.read_exact(&mut bytes).map(|()| bytes)
}
