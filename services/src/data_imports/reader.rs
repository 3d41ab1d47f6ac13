//! Parsing beside the database: a thread of its own reads ahead by a bounded number of rows.

use super::header::header_of;
use super::parser::Parser;
use super::rows::{Row, Setup};
use super::source::{Source, Unreadable};
use crate::{Error, Result};
use std::collections::VecDeque;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

const BATCH: usize = 256;
const AHEAD: usize = 16;

/// The rows of an import from a place on, in order.
pub(super) struct Reader {
    feed: mpsc::Receiver<Vec<Row>>,
    waiting: VecDeque<Row>,
    thread: Option<JoinHandle<Result<Result<(), Unreadable>>>>,
}

impl Reader {
    /// Starts reading. The first `done` rows are read as well, for later rows may be their equals, but not given out.
    pub(super) fn start(source: Source, setup: Setup, most: u64, done: u64) -> Self {
        let (give, feed) = mpsc::channel(AHEAD);
        let thread = tokio::task::spawn_blocking(move || read(&source, setup, most, done, &give));
        Self { feed, waiting: VecDeque::new(), thread: Some(thread) }
    }

    /// Up to `most` of the next rows; none at the end.
    pub(super) async fn next(&mut self, most: usize) -> Result<Result<Vec<Row>, Unreadable>> {
        while self.waiting.len() < most {
            match self.feed.recv().await {
                Some(rows) => self.waiting.extend(rows),
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
        let count = self.waiting.len().min(most);
        Ok(Ok(self.waiting.drain(..count).collect()))
    }
}

fn read(source: &Source, setup: Setup, most: u64, done: u64, give: &mpsc::Sender<Vec<Row>>) -> Result<Result<(), Unreadable>> {
    let header = match header_of(source)? {
        Ok(header) => header.columns,
        Err(unreadable) => return Ok(Err(unreadable)),
    };
    let layout = setup.layout;
    let Some(mut parser) = Parser::new(setup, header) else { return Ok(Err(Unreadable::new("import-header-changed", 1))) };
    let mut records = source.records(layout.delimiter, most)?;
    let (mut place, mut batch) = (0, Vec::with_capacity(BATCH));
    loop {
        let (line, record) = match records.next()? {
            Ok(Some(next)) => next,
            Ok(None) => break,
            Err(unreadable) => return Ok(Err(unreadable)),
        };
        place += 1;
        if place == 1 {
            continue;
        }
        let row = parser.parse(line, record);
        if place - 1 > done {
            batch.push(row);
        }
        if batch.len() == BATCH && give.blocking_send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).is_err() {
            // Nobody reads any more.
            return Ok(Ok(()));
        }
    }
    let _ = give.blocking_send(batch);
    Ok(Ok(()))
}
