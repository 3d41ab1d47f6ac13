//! Stock alerts, the rules behind them, and what people do with them.

pub mod inputs;
pub mod mutation;
pub mod query;
pub mod rule;
pub mod subscription;
pub mod types;
