CREATE TEMP TABLE IF NOT EXISTS ev_judged (
  tenant_id uuid NOT NULL, product_id uuid NOT NULL, warehouse_id uuid NOT NULL, kind varchar(24) NOT NULL,
  rule_id uuid, rule_version bigint, severity integer, pending_for bigint, keep_for bigint, repeat_every bigint,
  value_n bigint, value_d bigint, threshold bigint, service_level varchar(16), window_days bigint,
  fire boolean NOT NULL, clear boolean NOT NULL
  , PRIMARY KEY (tenant_id, product_id, warehouse_id, kind) -- sqlite
)
ON COMMIT DELETE ROWS -- postgres
