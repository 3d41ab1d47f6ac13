//! Products, stock, movements, and what they are sorted under.

pub mod catalog;
pub mod inputs;
pub mod movement;
pub mod mutation;
pub mod payloads;
pub mod product;
mod product_page;
pub mod query;
pub mod subscription;

/// The object types of this room.
pub mod types {
    pub use super::catalog::{Category, Supplier, Unit, Warehouse};
    pub use super::movement::{StockLevel, StockMovement};
    pub use super::product::Product;
}
