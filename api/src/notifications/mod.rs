//! One's own notifications, and what providers tell of them.

pub mod mutation;
pub mod query;
pub mod subscription;
pub mod types;
pub mod webhook;
