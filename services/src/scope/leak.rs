//! The negative control of the isolation suite: with the feature `leak-canary`, a test can take the tenant predicate
//! out of every statement while its attacks run. Without the feature the switch does not exist.

#[cfg(feature = "leak-canary")]
mod switch {
    use std::sync::atomic::{AtomicBool, Ordering};

    static LEAKING: AtomicBool = AtomicBool::new(false);

    /// Takes the tenant predicate out of every statement of this process, or puts it back.
    pub fn set_leaking(on: bool) {
        LEAKING.store(on, Ordering::SeqCst);
    }

    pub(crate) fn leaking() -> bool {
        LEAKING.load(Ordering::SeqCst)
    }
}

#[cfg(not(feature = "leak-canary"))]
mod switch {
    pub(crate) const fn leaking() -> bool {
        false
    }
}

#[cfg(feature = "leak-canary")]
pub use switch::set_leaking;

pub(crate) use switch::leaking;
