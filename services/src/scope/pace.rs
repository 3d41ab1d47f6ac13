use std::ops::RangeInclusive;
use std::time::Duration;

/// How much a long piece of work takes on in one transaction.
///
/// SQLite has one writer, so there the size follows how long the transaction before held it: whoever records a movement
/// meanwhile waits for one of them at most.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    size: usize,
    /// None: the size stays.
    bounds: Option<RangeInclusive<usize>>,
}

/// People wait for such a transaction; a few of these in a row they do not notice.
const AIM: Duration = Duration::from_millis(30);

impl Pace {
    pub(crate) fn fixed(size: usize) -> Self {
        Self { size, bounds: None }
    }

    /// Starts with the size given, and stays within the bounds.
    pub(crate) fn adapting(size: usize, bounds: RangeInclusive<usize>) -> Self {
        Self { size, bounds: Some(bounds) }
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Learns from a transaction that did so much in this time; grows slowly, shrinks at once.
    pub(crate) fn learn(&mut self, done: usize, took: Duration) {
        if let Some(bounds) = self.bounds.as_ref().filter(|_| done >= self.size) {
            let fitting = done as f64 * AIM.as_secs_f64() / took.as_secs_f64().max(0.001);
            let most = (self.size + self.size / 4 + 1).min(*bounds.end());
            self.size = (fitting as usize).clamp(*bounds.start(), most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_transaction_shrinks_the_next_at_once_and_a_fast_one_grows_it_slowly() {
        let mut pace = Pace::adapting(100, 20..=2000);
        pace.learn(100, Duration::from_millis(3));
        assert_eq!(pace.size(), 126);
        pace.learn(126, Duration::from_millis(126));
        assert_eq!(pace.size(), 30);
        pace.learn(30, Duration::from_secs(3));
        assert_eq!(pace.size(), 20);
    }

    #[test]
    fn what_is_not_filled_teaches_nothing_and_no_bound_is_passed() {
        let mut pace = Pace::adapting(100, 20..=110);
        pace.learn(7, Duration::from_secs(3));
        assert_eq!(pace.size(), 100);
        pace.learn(100, Duration::ZERO);
        assert_eq!(pace.size(), 110);
        let mut fixed = Pace::fixed(7);
        fixed.learn(7, Duration::from_secs(3));
        assert_eq!(fixed.size(), 7);
    }
}
