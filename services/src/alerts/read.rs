//! Finding alerts and their history.
