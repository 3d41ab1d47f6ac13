//! What happened to one subject, in whatever order it became known, and what it came to at any instant.

use entities::{Quantity, Timestamp};
use std::sync::Arc;

/// Sorted runs, each a power of two long and longer than the next, with running sums. Adding and asking take a few steps
/// however much there is, and copies share the runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline {
    runs: Vec<Arc<[Moment]>>,
    /// How many moments were written by merging.
    #[cfg(test)]
    merged: usize,
}

/// An instant, and the sum of its run up to it.
type Moment = (Timestamp, Quantity);

impl Timeline {
    pub(crate) fn add(&mut self, at: Timestamp, quantity: Quantity) {
        let mut run: Arc<[Moment]> = Arc::new([(at, quantity)]);
        while let Some(last) = self.runs.pop_if(|last| last.len() == run.len()) {
            run = merge(&last, &run);
            #[cfg(test)]
            (self.merged += run.len());
        }
        self.runs.push(run);
    }

    /// What all that happened up to this instant, and at it, comes to.
    pub(crate) fn sum_until(&self, at: Timestamp) -> Quantity {
        let within = |run: &Arc<[Moment]>| sum(run, run.partition_point(|(moved_at, _)| *moved_at <= at));
        self.runs.iter().map(within).sum()
    }
}

fn merge(one: &[Moment], two: &[Moment]) -> Arc<[Moment]> {
    let (mut here, mut there) = (0, 0);
    let next = |_| {
        let at = match (one.get(here), two.get(there)) {
            (Some((at, _)), Some((other, _))) if at > other => (there += 1, *other).1,
            (Some((at, _)), _) => (here += 1, *at).1,
            (None, Some((at, _))) => (there += 1, *at).1,
            (None, None) => unreachable!("as many as both have"),
        };
        (at, sum(one, here) + sum(two, there))
    };
    (0..one.len() + two.len()).map(next).collect()
}

/// What the first so many moments of a run come to.
fn sum(run: &[Moment], many: usize) -> Quantity {
    many.checked_sub(1).and_then(|last| run.get(last)).map_or(Quantity::ZERO, |(_, sum)| *sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    #[test]
    fn agrees_with_adding_up_everything() {
        let mut random = StdRng::seed_from_u64(7);
        let (mut timeline, mut plain) = (Timeline::default(), Vec::new());
        for _ in 0..700 {
            let (at, quantity) = (Timestamp(random.random_range(0..200)), Quantity(random.random_range(-9..9)));
            let asked = Timestamp(random.random_range(-1..201));
            let expected: Quantity = plain.iter().filter(|(moved_at, _)| *moved_at <= asked).map(|(_, quantity)| *quantity).sum();
            assert_eq!(timeline.sum_until(asked), expected);
            timeline.add(at, quantity);
            plain.push((at, quantity));
        }
    }

    #[test]
    fn adding_and_asking_take_a_few_steps_each() {
        const MANY: usize = 1 << 14;
        let mut timeline = Timeline::default();
        for n in 0..MANY {
            timeline.add(Timestamp((n * 7919 % MANY) as i64), Quantity(1));
            assert!(timeline.runs.len() <= 15, "an answer looks into so many runs, by halves");
            assert_eq!(timeline.sum_until(Timestamp(i64::MAX)), Quantity(n as i64 + 1));
        }
        assert_eq!(timeline.merged, 14 * MANY, "each moment is written again as often as the number of all doubles");
    }

    #[test]
    fn a_copy_shares_what_was_and_goes_its_own_way() {
        let mut timeline = Timeline::default();
        (0..6).for_each(|n| timeline.add(Timestamp(n), Quantity(1)));
        let mut copy = timeline.clone();
        assert!(timeline.runs.iter().zip(&copy.runs).all(|(one, two)| Arc::ptr_eq(one, two)));
        copy.add(Timestamp(0), Quantity(5));
        assert_eq!((timeline.sum_until(Timestamp(9)), copy.sum_until(Timestamp(9))), (Quantity(6), Quantity(11)));
    }
}
