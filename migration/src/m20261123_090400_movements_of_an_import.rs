//! A movement says which import recorded it, and its reverse which import was undone. No foreign key: imports go after a year,
//! the ledger never. Movements of before are not told of theirs, for a ledger is not edited.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261123_090400_movements_of_an_import", up: UP, down: DOWN };

const UP: &str = "
ALTER TABLE stock_movements ADD COLUMN import_id {id}
;
CREATE INDEX stock_movements_import ON stock_movements (tenant_id, import_id, id) WHERE import_id IS NOT NULL
";

const DOWN: &str = "
DROP INDEX stock_movements_import;
ALTER TABLE stock_movements DROP COLUMN import_id
";
