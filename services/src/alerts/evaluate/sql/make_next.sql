CREATE TEMP TABLE IF NOT EXISTS ev_next (
  tenant_id uuid NOT NULL, id uuid NOT NULL, is_new boolean NOT NULL, old_version bigint NOT NULL, old_state text NOT NULL,
  product_id uuid NOT NULL, warehouse_id uuid NOT NULL, kind text NOT NULL, state text NOT NULL,
  severity integer, rule_id uuid, rule_version bigint, value_n bigint, value_d bigint, threshold bigint,
  service_level text, window_days bigint,
  pending_since bigint, fired_at bigint, clear_since bigint, quiet_until bigint, muted boolean NOT NULL,
  notified_at bigint, resolved_at bigint, resolution text, next_check_at bigint, previous_id uuid, notice text, at bigint NOT NULL)
ON COMMIT DELETE ROWS -- postgres
