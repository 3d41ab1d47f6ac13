//! Names are put in order alike on both databases: by a key folded by the product and compared by its bytes. So are the codes
//! that lists are sorted by, without a key. Rows of before, and those of a process that knows no keys yet, have an empty one: a job
//! of the worker finds and fills them.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261123_090000_inventory_name_keys", up: UP, down: DOWN };

// SQLite keeps the text of a new column, a remark at its end included, which would hide what follows it. The indexes by name of
// suppliers and warehouses stay: they keep names unique, and served the order beside it.
const UP: &str = r#"
ALTER TABLE categories ADD COLUMN name_key text
  COLLATE "C" -- postgres
  NOT NULL DEFAULT ''
;
ALTER TABLE suppliers ADD COLUMN name_key text
  COLLATE "C" -- postgres
  NOT NULL DEFAULT ''
;
ALTER TABLE warehouses ADD COLUMN name_key text
  COLLATE "C" -- postgres
  NOT NULL DEFAULT ''
;
ALTER TABLE products ADD COLUMN name_key text
  COLLATE "C" -- postgres
  NOT NULL DEFAULT ''
;
ALTER TABLE products ALTER COLUMN sku TYPE text COLLATE "C" -- postgres
;
ALTER TABLE units ALTER COLUMN code TYPE text COLLATE "C" -- postgres
;
DROP INDEX products_name
;
CREATE INDEX products_name_key ON products (tenant_id, name_key, id)
;
CREATE INDEX suppliers_name_key ON suppliers (tenant_id, name_key, id)
;
CREATE INDEX warehouses_name_key ON warehouses (tenant_id, name_key, id)
;
CREATE INDEX products_unfolded ON products (tenant_id, id) WHERE name_key = ''
;
CREATE INDEX categories_unfolded ON categories (tenant_id, id) WHERE name_key = ''
;
CREATE INDEX suppliers_unfolded ON suppliers (tenant_id, id) WHERE name_key = ''
;
CREATE INDEX warehouses_unfolded ON warehouses (tenant_id, id) WHERE name_key = ''
"#;

const DOWN: &str = r#"
DROP INDEX warehouses_unfolded
;
DROP INDEX suppliers_unfolded
;
DROP INDEX categories_unfolded
;
DROP INDEX products_unfolded
;
DROP INDEX warehouses_name_key
;
DROP INDEX suppliers_name_key
;
DROP INDEX products_name_key
;
ALTER TABLE units ALTER COLUMN code TYPE text COLLATE "default" -- postgres
;
ALTER TABLE products ALTER COLUMN sku TYPE text COLLATE "default" -- postgres
;
ALTER TABLE products DROP COLUMN name_key
;
ALTER TABLE warehouses DROP COLUMN name_key
;
ALTER TABLE suppliers DROP COLUMN name_key
;
ALTER TABLE categories DROP COLUMN name_key
;
CREATE INDEX products_name ON products (tenant_id, name, id)
"#;
