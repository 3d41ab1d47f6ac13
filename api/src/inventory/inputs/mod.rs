//! What clients say of products, stock and its movements: filters, orders, and the input of mutations.

mod catalog;
mod product;
mod stock_level;
mod stock_movement;

pub use catalog::*;
pub use product::*;
pub use stock_level::*;
pub use stock_movement::*;

use async_graphql::{Enum, MaybeUndefined};

/// Which way a list runs.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SortDirection {
    /// Smallest, oldest, first of the alphabet first.
    Asc,
    /// The other way round.
    Desc,
}

/// Absent, cleared, or set, as the services have it.
pub fn touched<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}
