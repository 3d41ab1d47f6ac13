//! Rows that change all day keep room beside them, so that a change finds its place on the same page and no index is written.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261123_090100_rows_changed_in_place", up: UP, down: DOWN };

const UP: &str = "
ALTER TABLE stock_levels SET (fillfactor = 90) -- postgres
;
ALTER TABLE streams SET (fillfactor = 90) -- postgres
;
ALTER TABLE service_days SET (fillfactor = 90) -- postgres
";

const DOWN: &str = "
ALTER TABLE service_days RESET (fillfactor) -- postgres
;
ALTER TABLE streams RESET (fillfactor) -- postgres
;
ALTER TABLE stock_levels RESET (fillfactor) -- postgres
";
