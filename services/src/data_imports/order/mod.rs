//! In which order the rows of a file are taken: by their instants, whatever the file's own order.
//!
//! A count, and a policy that forbids to fall below zero, look at what happened before; taken as written, a file that begins with
//! its latest row would come to another stock than the same rows the other way round.

mod course;
mod dates;
mod sorter;
#[cfg(test)]
mod tests;

pub(super) use course::Course;
pub(super) use dates::Dates;

use super::source::{Records, Unreadable};
use crate::Result;
use csv::ByteRecord;
use serde::{Deserialize, Serialize};
use sorter::Sorter;
use std::path::PathBuf;

/// How the rows of a file are put in the order of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Order {
    /// They are: their instants never go back, or they have none.
    #[default]
    AsWritten,
    /// Their instants never go forward: from the last row to the first.
    FromTheEnd,
    /// Their instants go both ways: by these; rows of one instant as written.
    ByInstant,
}

/// The rows of a file, one after the other in the order of time.
pub(super) struct Sequence {
    pub order: Order,
    pub dates: Option<Dates>,
    /// The folder for what must be sorted and does not fit in memory.
    pub scratch: PathBuf,
}

impl Sequence {
    /// Gives each row below the header, and its line, to `take` until that says no, or `go_on` does while they are sorted.
    pub(super) fn each(
        self,
        mut records: Records,
        go_on: impl Fn() -> bool,
        mut take: impl FnMut(u64, &ByteRecord) -> bool,
    ) -> Result<std::result::Result<(), Unreadable>> {
        if let Err(unreadable) = records.next()? {
            return Ok(Err(unreadable));
        }
        let mut sorter = (self.order != Order::AsWritten).then(|| Sorter::new(self.order, self.scratch));
        loop {
            let (line, record) = match records.next()? {
                Ok(Some(next)) => next,
                Ok(None) => break,
                Err(unreadable) => return Ok(Err(unreadable)),
            };
            let further = match &mut sorter {
                None => take(line, record),
                Some(sorter) => {
                    sorter.push(self.dates.and_then(|dates| dates.instant(record)), line, record)?;
                    go_on()
                }
            };
            if !further {
                return Ok(Ok(()));
            }
        }
        sorter.map_or(Ok(()), |sorter| sorter.each(take))?;
        Ok(Ok(()))
    }
}
