CREATE TEMP TABLE IF NOT EXISTS ev_fact (
  tenant_id uuid NOT NULL, product_id uuid NOT NULL, warehouse_id uuid NOT NULL, kind varchar(24) NOT NULL, available bigint
  , PRIMARY KEY (tenant_id, product_id, warehouse_id, kind) -- sqlite
)
ON COMMIT DELETE ROWS -- postgres
