//! What becomes of members.

pub mod inputs;
pub mod mutation;
