//! The negative control of the isolation suite: with the feature `leak-canary`, a test can take the walls between
//! organisations down while its attacks run. Without the feature the switch does not exist.

/// Which walls stand.
#[cfg(feature = "leak-canary")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walls {
    All,
    /// No statement has its tenant predicate, and the guard looks away: PostgreSQL's policies are left.
    Policies,
    /// Not even those.
    None,
}

#[cfg(feature = "leak-canary")]
mod switch {
    use super::Walls;
    use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

    static ALL_IN_REACH: AtomicBool = AtomicBool::new(false);

    /// Lets every right reach the whole organisation, or as far as it is granted again.
    pub fn put_all_in_reach(all: bool) {
        ALL_IN_REACH.store(all, Ordering::SeqCst);
    }

    pub(crate) fn all_in_reach() -> bool {
        ALL_IN_REACH.load(Ordering::SeqCst)
    }

    static STANDING: AtomicU8 = AtomicU8::new(Walls::All as u8);

    /// Takes walls down in this process, or puts them back.
    pub fn set_walls(walls: Walls) {
        STANDING.store(walls as u8, Ordering::SeqCst);
    }

    pub(crate) fn leaking() -> bool {
        STANDING.load(Ordering::SeqCst) != Walls::All as u8
    }

    pub(crate) fn walls_down() -> bool {
        STANDING.load(Ordering::SeqCst) == Walls::None as u8
    }
}

#[cfg(not(feature = "leak-canary"))]
mod switch {
    pub(crate) const fn leaking() -> bool {
        false
    }

    pub(crate) const fn walls_down() -> bool {
        false
    }

    pub(crate) const fn all_in_reach() -> bool {
        false
    }
}

#[cfg(feature = "leak-canary")]
pub use switch::{put_all_in_reach, set_walls};

pub(crate) use switch::{all_in_reach, leaking, walls_down};
