//! A mark says whether stock only rose: what rises can end an alert and begin none.
//!
//! PostgreSQL alone, whose runs look at all that is marked at once. A full join cannot become a nested loop: the trigger's
//! plan is made for the first movement of a connection, and kept for an import of thousands.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261123_090300_marks_say_what_rose", up: UP, down: DOWN };

const UP: &str = "
ALTER TABLE alert_marks ADD COLUMN rose boolean NOT NULL DEFAULT false -- postgres
;
CREATE FUNCTION alerts_mark_changed_levels() RETURNS trigger LANGUAGE plpgsql AS $$ -- postgres
BEGIN -- postgres
  INSERT INTO {schema}.alert_marks (tenant_id, product_id, rose) -- postgres
  SELECT c.tenant_id, c.product_id, c.on_hand - c.reserved >= w.on_hand - w.reserved -- postgres
  FROM changed c FULL JOIN was w ON w.id = c.id AND w.tenant_id = c.tenant_id; -- postgres
  RETURN NULL; -- postgres
END $$ -- postgres
;
DROP TRIGGER alerts_of_levels ON stock_levels -- postgres
;
CREATE TRIGGER alerts_of_levels AFTER UPDATE ON stock_levels -- postgres
REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION alerts_mark_changed_levels() -- postgres
";

const DOWN: &str = "
DROP TRIGGER alerts_of_levels ON stock_levels -- postgres
;
CREATE TRIGGER alerts_of_levels AFTER UPDATE ON stock_levels -- postgres
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION alerts_mark_levels() -- postgres
;
DROP FUNCTION alerts_mark_changed_levels() -- postgres
;
ALTER TABLE alert_marks DROP COLUMN rose -- postgres
";
