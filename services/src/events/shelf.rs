use super::follow::Event;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// What the followers of one stream share in one process: its last known number, and the last events read.
pub(super) struct Channel {
    pub known: watch::Sender<i64>,
    shelf: Mutex<VecDeque<Event>>,
    /// Held by the one who reads for all.
    pub reading: tokio::sync::Mutex<()>,
}

/// How many events a stream's shelf holds; a follower further behind reads for itself.
const ROOM: usize = 256;

/// Where a follower's next event is.
pub(super) enum Next {
    /// On the shelf, with what follows it.
    Here(Vec<Event>),
    /// Not read yet.
    Ahead,
    /// Gone from the shelf.
    Behind,
}

impl Default for Channel {
    fn default() -> Self {
        Self { known: watch::Sender::new(0), shelf: Mutex::default(), reading: tokio::sync::Mutex::default() }
    }
}

impl Channel {
    /// Takes note of a number; an older one than known, out of order, says nothing.
    pub fn hear(&self, seq: i64) {
        self.known.send_if_modified(|known| std::mem::replace(known, seq.max(*known)) < seq);
    }

    /// What the shelf has for a reader who has seen all up to `last`.
    pub fn after(&self, last: i64) -> Next {
        let shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        match (shelf.front(), shelf.back()) {
            (Some(first), _) if last + 1 < first.seq => Next::Behind,
            (Some(first), Some(end)) if last < end.seq => {
                let skip = usize::try_from(last + 1 - first.seq).unwrap_or(0);
                Next::Here(shelf.iter().skip(skip).cloned().collect())
            }
            _ => Next::Ahead,
        }
    }

    /// Puts events that were read onto the shelf. It never has a gap: what does not join on replaces it.
    pub fn put(&self, events: &[Event]) {
        let Some(first) = events.first() else { return };
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        if shelf.back().is_some_and(|end| end.seq + 1 != first.seq) {
            shelf.clear();
        }
        shelf.extend(events.iter().cloned());
        let excess = shelf.len().saturating_sub(ROOM);
        shelf.drain(..excess);
    }
}
