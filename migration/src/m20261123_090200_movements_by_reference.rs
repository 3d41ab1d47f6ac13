//! What an invoice or a delivery moved is found by its number.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261123_090200_movements_by_reference", up: UP, down: DOWN };

const UP: &str = "
CREATE INDEX stock_movements_reference ON stock_movements (tenant_id, reference, occurred_at, id) WHERE reference IS NOT NULL
";

const DOWN: &str = "DROP INDEX stock_movements_reference";
