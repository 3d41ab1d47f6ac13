//! Imports of products and movements from files.

pub mod columns;
pub mod inputs;
pub mod mutation;
pub mod query;
pub mod skips;
pub mod subscription;
pub mod types;
