//! Where a running subscription stands in its stream, told by the engine as it goes.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;

/// Ends when the stream has gone on from a number.
type Ear = Box<dyn Fn(i64) -> BoxFuture<'static, ()> + Send>;

/// What the engine says of a subscription, and what it is told when it goes on after a rest.
pub struct Position {
    start: AtomicI64,
    now: AtomicI64,
    /// The number whose answer was taken last.
    taken: AtomicI64,
    resumed: AtomicI64,
    ear: Mutex<Option<Ear>>,
}

const UNKNOWN: i64 = i64::MIN;

impl Default for Position {
    fn default() -> Self {
        let unknown = || AtomicI64::new(UNKNOWN);
        Self { start: unknown(), now: unknown(), taken: unknown(), resumed: unknown(), ear: Mutex::default() }
    }
}

impl Position {
    /// The subscription gives what follows this number.
    pub fn starts_after(&self, number: i64) {
        self.start.store(number, Ordering::Release);
    }

    /// The next answer is the event of this number.
    pub fn comes_to(&self, number: i64) {
        self.now.store(number, Ordering::Release);
    }

    /// The subscription need not be kept while nothing happens: what this makes of the last number it has given ends
    /// when there is more.
    pub fn can_rest(&self, ear: impl Fn(i64) -> BoxFuture<'static, ()> + Send + 'static) {
        *self.ear.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(ear));
    }

    /// The number after which a subscription goes on that has rested; it counts for more than any cursor.
    pub fn resumed(&self) -> Option<i64> {
        known(&self.resumed)
    }

    pub(super) fn start(&self) -> Option<i64> {
        known(&self.start)
    }

    pub(super) fn now(&self) -> Option<i64> {
        known(&self.now)
    }

    /// An answer was taken.
    pub(super) fn take(&self) {
        self.taken.store(self.now.load(Ordering::Acquire), Ordering::Release);
    }

    /// Where to go on, and what ends when it is time to; None: an answer is under way, or the engine cannot tell.
    pub(super) fn rest(&self) -> Option<(i64, BoxFuture<'static, ()>)> {
        if self.now() != known(&self.taken) {
            return None;
        }
        let last = self.now().or(self.start())?;
        let ear = self.ear.lock().unwrap_or_else(PoisonError::into_inner);
        Some((last, ear.as_ref()?(last)))
    }

    /// The execution is let go, to be resumed here. The ear is kept until then, and with it what it listens to.
    pub(super) fn resume_at(&self, number: i64) {
        self.resumed.store(number, Ordering::Release);
    }
}

fn known(number: &AtomicI64) -> Option<i64> {
    Some(number.load(Ordering::Acquire)).filter(|number| *number != UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn rests_only_where_everything_it_came_to_was_taken() {
        let position = Position::default();
        let place = |position: &Position| position.rest().map(|(last, _)| last);
        assert_eq!(place(&position), None, "nothing is known of it");
        position.starts_after(4);
        assert_eq!(place(&position), None, "nobody listens for it");
        position.can_rest(|_| std::future::pending().boxed());
        assert_eq!(place(&position), Some(4));
        position.comes_to(5);
        assert_eq!(place(&position), None, "the fifth is under way");
        position.take();
        assert_eq!((place(&position), position.resumed()), (Some(5), None));
        position.resume_at(5);
        assert_eq!((place(&position), position.resumed()), (Some(5), Some(5)), "the ear is kept");
    }
}
