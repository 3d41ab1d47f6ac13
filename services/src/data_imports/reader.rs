//! Parsing beside the database: a thread of its own reads ahead by a bounded number of rows and bytes.

use super::header::header_of;
use super::order::{Dates, Sequence};
use super::parser::Parser;
use super::rows::{Row, Setup};
use super::source::{Source, Unreadable};
use crate::{Error, Result};
use csv::ByteRecord;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

/// Rows go over in batches of so many rows or bytes, whichever is less.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 512 << 10;
/// So many batches may wait, and so many bytes in all: of a shop's rows there are some 10,000 ahead, of the longest some 600.
const AHEAD: usize = 64;
const AHEAD_BYTES: usize = 16 << 20;
/// No chunk weighs more. It is decided and written from copies of it, so a run takes a few times as much.
const CHUNK_BYTES: usize = 8 << 20;

/// The rows of an import from a place on, in the order of time.
pub(super) struct Reader {
    feed: mpsc::Receiver<Vec<Row>>,
    /// A permit a byte; taken by the thread, given back with the rows that are handed out.
    room: Arc<Semaphore>,
    waiting: VecDeque<Row>,
    weight: usize,
    thread: Option<JoinHandle<Result<Result<(), Unreadable>>>>,
}

impl Reader {
    /// Starts reading. The first `done` rows are read as well, for later rows may be their equals, but not given out. Rows that must
    /// be put in order, and are too many for memory, go to the folder `scratch`.
    pub(super) fn start(source: Source, setup: Setup, most: u64, done: u64, scratch: PathBuf) -> Self {
        let (give, feed) = mpsc::channel(AHEAD);
        let room = Arc::new(Semaphore::new(AHEAD_BYTES));
        let mut outlet = Outlet { give, room: room.clone(), batch: Vec::new(), weight: 0 };
        let thread = tokio::task::spawn_blocking(move || read(&source, setup, most, done, scratch, &mut outlet));
        Self { feed, room, waiting: VecDeque::new(), weight: 0, thread: Some(thread) }
    }

    /// Up to `most` of the next rows, fewer where they are long; none at the end.
    pub(super) async fn next(&mut self, most: usize) -> Result<Result<Vec<Row>, Unreadable>> {
        while self.waiting.len() < most && self.weight < CHUNK_BYTES {
            match self.feed.recv().await {
                Some(rows) => {
                    self.weight += weigh(&rows);
                    self.waiting.extend(rows);
                }
                None => {
                    if let Some(thread) = self.thread.take()
                        && let Err(unreadable) = thread.await.map_err(Error::internal)??
                    {
                        return Ok(Err(unreadable));
                    }
                    break;
                }
            }
        }
        Ok(Ok(self.hand_out(most)))
    }

    fn hand_out(&mut self, most: usize) -> Vec<Row> {
        let (mut weight, mut count) = (0, 0);
        for row in self.waiting.iter().take(most) {
            let more = weight + row.weight();
            if more > CHUNK_BYTES && count > 0 {
                break;
            }
            (weight, count) = (more, count + 1);
        }
        self.weight -= weight;
        self.room.add_permits(weight);
        self.waiting.drain(..count).collect()
    }
}

impl Drop for Reader {
    /// The thread may be waiting for room.
    fn drop(&mut self) {
        self.room.close();
    }
}

/// The thread's end of a reader.
struct Outlet {
    give: mpsc::Sender<Vec<Row>>,
    room: Arc<Semaphore>,
    batch: Vec<Row>,
    weight: usize,
}

impl Outlet {
    /// False: nobody reads any more.
    fn push(&mut self, row: Row) -> bool {
        self.weight += row.weight();
        self.batch.push(row);
        (self.batch.len() < BATCH && self.weight < BATCH_BYTES) || self.flush()
    }

    fn flush(&mut self) -> bool {
        let (batch, weight) = (std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH)), std::mem::take(&mut self.weight));
        // Room for a batch comes free whenever less than a chunk waits, and that is what a reader waits for.
        let room = Handle::current().block_on(self.room.acquire_many(u32::try_from(weight).unwrap_or(u32::MAX)));
        room.map(|room| room.forget()).is_ok() && self.give.blocking_send(batch).is_ok()
    }
}

fn weigh(rows: &[Row]) -> usize {
    rows.iter().map(Row::weight).sum()
}

fn read(source: &Source, setup: Setup, most: u64, done: u64, scratch: PathBuf, outlet: &mut Outlet) -> Result<Result<(), Unreadable>> {
    let header = match header_of(source)? {
        Ok(header) => header.columns,
        Err(unreadable) => return Ok(Err(unreadable)),
    };
    let layout = setup.layout;
    let sequence = Sequence { order: layout.order, dates: Dates::new(&setup.mapping, &header, setup.zone), scratch };
    let Some(mut parser) = Parser::new(setup, header) else { return Ok(Err(Unreadable::new("import-header-changed", 1))) };
    let records = source.records(layout.delimiter, most)?;
    let (reading, mut place) = (outlet.give.clone(), 0);
    let take = |line: u64, record: &ByteRecord| {
        place += 1;
        let row = parser.parse(line, record);
        place <= done || outlet.push(row)
    };
    if let Err(unreadable) = sequence.each(records, || !reading.is_closed(), take)? {
        return Ok(Err(unreadable));
    }
    outlet.flush();
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_imports::encoding::Encoding;
    use crate::data_imports::mapping::{ColumnMapping, Mapping};
    use crate::data_imports::order::Order;
    use crate::data_imports::source::Layout;
    use crate::data_imports::{Field, rows::Asks};
    use crate::locale::Locale;
    use crate::testing::START;
    use entities::data_imports::data_import::DataImportKind;

    fn reader(text: String) -> Reader {
        let column = |column: &str, field| ColumnMapping { column: column.to_owned(), field };
        let columns = vec![column("sku", Field::Sku), column("description", Field::Description), column("name", Field::Name)];
        let setup = Setup {
            kind: DataImportKind::Products,
            mapping: Mapping { columns, ..Mapping::default() },
            layout: Layout { encoding: Encoding::Utf8, delimiter: b',', order: Order::AsWritten },
            locale: Locale::Fr,
            zone: chrono_tz::UTC,
            currency: "XOF".to_owned(),
            warehouse: None,
            started_at: START,
            now: START,
            near_bound: false,
        };
        Reader::start(Source::Content(text), setup, u64::MAX, 0, PathBuf::new())
    }

    #[tokio::test]
    async fn long_rows_are_read_ahead_and_cut_into_chunks_by_their_bytes() {
        let rows: String = (0..6000).map(|n| format!("P{n},{},x\n", "é".repeat(4900))).collect();
        let mut reader = reader(format!("sku,description,name\n{rows}"));
        let (mut all, mut chunks) = (0, 0);
        loop {
            let rows = reader.next(8000).await.unwrap().unwrap();
            if rows.is_empty() {
                break;
            }
            assert!(weigh(&rows) <= CHUNK_BYTES, "{} rows", rows.len());
            (all, chunks) = (all + rows.len(), chunks + 1);
        }
        assert_eq!((all, chunks), (6000, 8));
        assert_eq!(reader.room.available_permits(), AHEAD_BYTES, "all room is given back");
    }

    #[tokio::test]
    async fn what_a_field_cannot_hold_does_not_wait_in_memory() {
        let mut reader = reader(format!("sku,description,name\nA,{},{}\n", "x".repeat(5001), "y".repeat(19_000)));
        let rows = reader.next(10).await.unwrap().unwrap();
        assert!(matches!(&rows[0].asks, Asks::Broken(errors) if errors.len() == 2), "{rows:?}");
        assert!(rows[0].weight() < 1000, "{}", rows[0].weight());
    }

    #[tokio::test]
    async fn a_thread_that_waits_for_room_ends_with_its_reader() {
        let rows: String = (0..6000).map(|n| format!("P{n},{},x\n", "é".repeat(4900))).collect();
        let mut reader = reader(format!("sku,description,name\n{rows}"));
        reader.next(1).await.unwrap().unwrap();
        let thread = reader.thread.take().unwrap();
        drop(reader);
        thread.await.unwrap().unwrap().unwrap();
    }
}
