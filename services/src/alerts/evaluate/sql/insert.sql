INSERT INTO alerts (tenant_id, id, version, product_id, warehouse_id, kind, state, severity, rule_id, rule_version, value_n, value_d,
  threshold, service_level, window_days, pending_since, fired_at, clear_since, quiet_until, muted, notified_at, resolved_at, resolution,
  next_check_at, previous_id, last_run)
SELECT n.tenant_id, n.id, 1, n.product_id, n.warehouse_id, n.kind, n.state, n.severity, n.rule_id, n.rule_version, n.value_n, n.value_d,
  n.threshold, n.service_level, n.window_days, n.pending_since, n.fired_at, n.clear_since, n.quiet_until, n.muted, n.notified_at,
  n.resolved_at, n.resolution, n.next_check_at, n.previous_id, :run
FROM ev_next n WHERE n.is_new
