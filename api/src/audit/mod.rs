//! The audit log: reading it, and taking it away.

pub mod download;
pub mod mutation;
pub mod query;
pub mod types;
