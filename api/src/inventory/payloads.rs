//! What came of each mutation.

use super::catalog::{Category, Supplier, Warehouse};
use super::movement::StockMovement;
use super::product::Product;
use crate::error::{Result, UserError, UserErrorCode};
use async_graphql::SimpleObject;
use services::inventory::movements::{Recorded, Transferred, Warning};
use services::inventory::quantity;
use services::{Error, Scope};

payload! {
    ProductCreatePayload {
        /// The new product.
        product: Product
    },
    ProductUpdatePayload {
        /// The product as it is now, also after STALE_VERSION.
        product: Product
    },
    ProductArchivePayload {
        /// The product as it is now, also after STALE_VERSION.
        product: Product
    },
    ProductUnarchivePayload {
        /// The product as it is now, also after STALE_VERSION.
        product: Product
    },
    CategoryCreatePayload {
        /// The new category.
        category: Category
    },
    SupplierCreatePayload {
        /// The new supplier.
        supplier: Supplier
    },
    WarehouseCreatePayload {
        /// The new warehouse.
        warehouse: Warehouse
    },
    StockMovementReversePayload {
        /// The movement that undoes the other.
        stock_movement: StockMovement
    },
}

/// What came of `stockMovementRecord`.
#[derive(SimpleObject, Default)]
pub struct StockMovementRecordPayload {
    /// The movement.
    stock_movement: Option<StockMovement>,
    /// What should be known about it although it was recorded, such as stock now below zero.
    warnings: Vec<UserError>,
    /// Every rule that refused the input; empty when all went well.
    user_errors: Vec<UserError>,
}

impl StockMovementRecordPayload {
    pub fn of(scope: &Scope, recorded: services::Result<Recorded>) -> Result<Self> {
        Ok(match recorded {
            Ok(Recorded { movement, on_hand_after, warnings }) => Self {
                stock_movement: Some(StockMovement::recorded(movement, on_hand_after)),
                warnings: warnings.into_iter().map(|warning| warn(scope, warning)).collect(),
                user_errors: Vec::new(),
            },
            Err(error) => Self { user_errors: refusals(error)?, ..Self::default() },
        })
    }
}

/// What came of `stockTransferRecord`.
#[derive(SimpleObject, Default)]
pub struct StockTransferRecordPayload {
    /// The movement out of the first warehouse.
    out: Option<StockMovement>,
    /// The movement into the second.
    r#in: Option<StockMovement>,
    /// What should be known about it although it was recorded, such as stock now below zero.
    warnings: Vec<UserError>,
    /// Every rule that refused the input; empty when all went well.
    user_errors: Vec<UserError>,
}

impl StockTransferRecordPayload {
    /// The two movements, out and in.
    pub fn of(scope: &Scope, transferred: services::Result<Transferred>) -> Result<Self> {
        Ok(match transferred {
            Ok(Transferred { out, into, warnings }) => Self {
                out: Some(StockMovement::alone(out)),
                r#in: Some(StockMovement::alone(into)),
                warnings: warnings.into_iter().map(|warning| warn(scope, warning)).collect(),
                user_errors: Vec::new(),
            },
            Err(error) => Self { user_errors: refusals(error)?, ..Self::default() },
        })
    }
}

fn refusals(error: Error) -> Result<Vec<UserError>> {
    match error {
        Error::Refused(refusals) => Ok(refusals.into_iter().map(Into::into).collect()),
        error => Err(error.into()),
    }
}

fn warn(scope: &Scope, warning: Warning) -> UserError {
    match warning {
        Warning::NegativeStock(on_hand) => UserError {
            message: scope.locale().say("stock-negative", &[("available", quantity::format(on_hand))]),
            code: UserErrorCode::InsufficientStock,
            path: Some(vec!["quantity".into()]),
        },
    }
}
