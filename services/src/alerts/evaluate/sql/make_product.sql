CREATE TEMP TABLE IF NOT EXISTS ev_product (tenant_id uuid NOT NULL, product_id uuid NOT NULL
, PRIMARY KEY (tenant_id, product_id) -- sqlite
)
ON COMMIT DELETE ROWS -- postgres
