CREATE TEMP TABLE IF NOT EXISTS ev_fact (
  tenant_id uuid NOT NULL, product_id uuid NOT NULL, warehouse_id uuid NOT NULL, kind text NOT NULL,
  category_id uuid, reorder_point bigint, available bigint)
ON COMMIT DELETE ROWS -- postgres
