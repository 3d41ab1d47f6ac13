CREATE TEMP TABLE IF NOT EXISTS ev_product (tenant_id uuid NOT NULL, product_id uuid NOT NULL
, may_begin boolean NOT NULL DEFAULT false -- postgres
, PRIMARY KEY (tenant_id, product_id) -- sqlite
)
ON COMMIT DELETE ROWS -- postgres
