CREATE TEMP TABLE IF NOT EXISTS ev_rule (
  tenant_id uuid NOT NULL, kind varchar(24) NOT NULL, per_warehouse boolean NOT NULL,
  product_id uuid NOT NULL, category_id uuid NOT NULL, warehouse_id uuid NOT NULL,
  id uuid NOT NULL, version bigint NOT NULL, severity integer NOT NULL, threshold bigint, clear_margin bigint NOT NULL,
  service_level varchar(16), target bigint, window_days bigint, minimum_lines bigint,
  pending_for bigint NOT NULL, keep_for bigint NOT NULL, repeat_every bigint NOT NULL,
  PRIMARY KEY (tenant_id, kind, per_warehouse, product_id, category_id, warehouse_id), UNIQUE (tenant_id, id))
ON COMMIT DELETE ROWS -- postgres
