CREATE TEMP TABLE IF NOT EXISTS ev_open (
  tenant_id uuid NOT NULL, product_id uuid NOT NULL, warehouse_id uuid NOT NULL, kind varchar(24) NOT NULL,
  id uuid NOT NULL, version bigint NOT NULL, state varchar(16) NOT NULL, severity integer NOT NULL, rule_id uuid NOT NULL,
  rule_version bigint NOT NULL, value_n bigint, value_d bigint, threshold bigint, pending_since bigint NOT NULL,
  fired_at bigint NOT NULL, clear_since bigint, quiet_until bigint, muted boolean NOT NULL, notified_at bigint, next_check_at bigint
  , PRIMARY KEY (tenant_id, product_id, warehouse_id, kind) -- sqlite
)
ON COMMIT DELETE ROWS -- postgres
