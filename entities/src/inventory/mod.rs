//! What an organisation stocks, where, and every movement that changed it.

pub mod category;
pub mod product;
pub mod stock_level;
pub mod stock_movement;
pub mod supplier;
pub mod unit;
pub mod warehouse;

crate::id!(ProductId, CategoryId, SupplierId, UnitId, WarehouseId, StockLevelId, StockMovementId);
