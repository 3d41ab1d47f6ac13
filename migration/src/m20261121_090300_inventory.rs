//! Products, where they are held, and the ledger of movements.
//!
//! Who recorded a movement is not a foreign key: it is never a client's word but the caller's own membership, which is
//! never deleted, and the key would have every sale of a person lock the one row of that person.

crate::step!(
    "m20261121_090300_inventory",
    tables: ["units", "categories", "suppliers", "warehouses", "products", "stock_levels", "stock_movements", "service_days"],
    append_only: ["stock_movements"],
    "
CREATE TABLE units (
  {key},
  code text NOT NULL,
  name text NOT NULL,
  decimals integer NOT NULL CHECK (decimals BETWEEN 0 AND 3),
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX units_code ON units (tenant_id, code)
;
CREATE TABLE categories (
  {key},
  name text NOT NULL,
  parent_id {id},
  created_at bigint NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, parent_id) REFERENCES categories (tenant_id, id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX categories_name ON categories (tenant_id, coalesce(parent_id, tenant_id), name)
;
CREATE TABLE suppliers (
  {key},
  name text NOT NULL,
  lead_time_days integer CHECK (lead_time_days BETWEEN 0 AND 3650),
  phone text,
  email text,
  created_at bigint NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX suppliers_name ON suppliers (tenant_id, name)
;
CREATE TABLE warehouses (
  {key},
  name text NOT NULL,
  code text,
  created_at bigint NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX warehouses_name ON warehouses (tenant_id, name)
;
CREATE UNIQUE INDEX warehouses_code ON warehouses (tenant_id, code)
;
CREATE TABLE products (
  {key},
  version bigint NOT NULL,
  sku text NOT NULL,
  name text NOT NULL,
  description text,
  barcode text,
  category_id {id},
  supplier_id {id},
  unit_id {id} NOT NULL,
  cost_price bigint CHECK (cost_price >= 0),
  sale_price bigint CHECK (sale_price >= 0),
  reorder_point bigint CHECK (reorder_point >= 0),
  safety_stock bigint CHECK (safety_stock >= 0),
  lead_time_days integer CHECK (lead_time_days BETWEEN 0 AND 3650),
  archived_at bigint,
  search text NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, category_id) REFERENCES categories (tenant_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, supplier_id) REFERENCES suppliers (tenant_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX products_sku ON products (tenant_id, sku)
;
CREATE INDEX products_name ON products (tenant_id, name, id)
;
CREATE INDEX products_created_at ON products (tenant_id, created_at, id)
;
CREATE INDEX products_updated_at ON products (tenant_id, updated_at, id)
;
CREATE INDEX products_category ON products (tenant_id, category_id)
;
CREATE INDEX products_supplier ON products (tenant_id, supplier_id)
;
CREATE INDEX products_reorder_point ON products (tenant_id, reorder_point)
;
CREATE TABLE stock_levels (
  {key},
  product_id {id} NOT NULL,
  warehouse_id {id} NOT NULL,
  on_hand bigint NOT NULL CHECK (on_hand BETWEEN -100000000000000 AND 100000000000000),
  reserved bigint NOT NULL CHECK (reserved BETWEEN 0 AND 100000000000000),
  updated_at bigint NOT NULL,
  FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, warehouse_id) REFERENCES warehouses (tenant_id, id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX stock_levels_subject ON stock_levels (tenant_id, product_id, warehouse_id)
;
CREATE INDEX stock_levels_warehouse ON stock_levels (tenant_id, warehouse_id, product_id)
;
CREATE TABLE stock_movements (
  {key},
  product_id {id} NOT NULL,
  warehouse_id {id} NOT NULL,
  kind text NOT NULL,
  quantity bigint NOT NULL,
  ordered_quantity bigint CHECK (ordered_quantity >= 0),
  unit_cost bigint CHECK (unit_cost >= 0),
  reason text,
  reference text,
  occurred_at bigint NOT NULL,
  recorded_at bigint NOT NULL,
  recorded_by {id},
  reverses_id {id},
  counterpart_id {id},
  dedup_key text,
  fingerprint {bytes},
  FOREIGN KEY (tenant_id, product_id, warehouse_id) REFERENCES stock_levels (tenant_id, product_id, warehouse_id)
    ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED,
  FOREIGN KEY (tenant_id, reverses_id) REFERENCES stock_movements (tenant_id, id) ON DELETE RESTRICT)
;
CREATE INDEX stock_movements_subject ON stock_movements (tenant_id, product_id, warehouse_id, occurred_at, id, quantity)
;
CREATE INDEX stock_movements_time ON stock_movements (tenant_id, occurred_at, id)
;
CREATE UNIQUE INDEX stock_movements_reverses ON stock_movements (tenant_id, reverses_id) WHERE reverses_id IS NOT NULL
;
CREATE UNIQUE INDEX stock_movements_dedup_key ON stock_movements (tenant_id, dedup_key) WHERE dedup_key IS NOT NULL
;
CREATE TABLE service_days (
  tenant_id {id} NOT NULL,
  product_id {id} NOT NULL,
  day integer NOT NULL,
  lines bigint NOT NULL,
  short_lines bigint NOT NULL,
  ordered bigint NOT NULL,
  delivered bigint NOT NULL,
  PRIMARY KEY (tenant_id, product_id, day),
  FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id) ON DELETE RESTRICT)
;
CREATE INDEX service_days_short ON service_days (tenant_id, day, product_id) WHERE short_lines > 0 -- postgres
CREATE INDEX service_days_short ON service_days (tenant_id, product_id, day) WHERE short_lines > 0 -- sqlite
"
);
