//! Sign-up, sessions, the viewer, the active organisation and its members.

pub mod mutation;
pub mod query;
pub mod types;
