CREATE TEMP TABLE IF NOT EXISTS ev_next (
  tenant_id uuid NOT NULL, id uuid NOT NULL, is_new boolean NOT NULL, old_version bigint NOT NULL, old_state varchar(16) NOT NULL,
  product_id uuid NOT NULL, warehouse_id uuid NOT NULL, kind varchar(24) NOT NULL, state varchar(16) NOT NULL,
  severity integer, rule_id uuid, rule_version bigint, value_n bigint, value_d bigint, threshold bigint,
  service_level varchar(16), window_days bigint,
  pending_since bigint, fired_at bigint, clear_since bigint, quiet_until bigint, muted boolean NOT NULL,
  notified_at bigint, resolved_at bigint, resolution varchar(24), next_check_at bigint, previous_id uuid, notice varchar(8), at bigint NOT NULL)
ON COMMIT DELETE ROWS -- postgres
