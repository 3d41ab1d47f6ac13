//! The edge.

pub mod engine;
pub mod errors;
pub mod prepass;
pub mod schema_map;
pub mod settings;
