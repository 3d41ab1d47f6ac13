INSERT INTO ev_open (tenant_id, product_id, warehouse_id, kind, id, version, state, severity, rule_id, rule_version, value_n,
  value_d, threshold, pending_since, fired_at, clear_since, quiet_until, muted, notified_at, next_check_at)
SELECT a.tenant_id, a.product_id, a.warehouse_id, a.kind, a.id, a.version, a.state, a.severity, a.rule_id, a.rule_version, a.value_n,
  a.value_d, a.threshold, a.pending_since, a.fired_at, a.clear_since, a.quiet_until, a.muted, a.notified_at, a.next_check_at
FROM ev_product w
CROSS JOIN alerts a -- sqlite
WHERE a.tenant_id = w.tenant_id AND a.product_id = w.product_id AND a.state <> 'RESOLVED' -- sqlite
CROSS JOIN LATERAL ( -- postgres
  SELECT * FROM alerts b -- postgres
  WHERE b.tenant_id = w.tenant_id AND b.product_id = w.product_id AND b.state <> 'RESOLVED' OFFSET 0) a -- postgres
