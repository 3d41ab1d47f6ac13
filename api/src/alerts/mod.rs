//! Stock alerts, the rules behind them, and what people do with them.

pub mod alert;
pub mod inputs;
pub mod kind;
pub mod mutation;
mod page;
pub mod query;
pub mod rule;
pub mod state;
pub mod subscription;
pub mod transition;

pub mod types {
    pub use super::alert::*;
    pub use super::kind::*;
    pub use super::state::*;
    pub use super::transition::{StockAlertTransition, Told};
}
