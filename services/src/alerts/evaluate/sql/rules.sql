-- Of several rules of one kind for the same things, the newest.
INSERT INTO ev_rule (tenant_id, kind, per_warehouse, product_id, category_id, warehouse_id, id, version, severity, threshold,
  clear_margin, service_level, target, window_days, minimum_lines, pending_for, keep_for, repeat_every)
SELECT n.tenant_id, n.kind, n.per_warehouse, n.product_id, n.category_id, n.warehouse_id, n.id, n.version, n.severity, n.threshold,
  n.clear_margin, n.service_level, n.target, n.window_days, n.minimum_lines, n.pending_for, n.keep_for, n.repeat_every
FROM (
  SELECT r.tenant_id, r.kind, r.per_warehouse, coalesce(r.product_id, :any) AS product_id, coalesce(r.category_id, :any) AS category_id,
    coalesce(r.warehouse_id, :any) AS warehouse_id, r.id, r.version, r.severity, r.threshold, r.clear_margin, r.service_level, r.target,
    r.window_days, r.minimum_lines, r.pending_for, r.keep_for, r.repeat_every,
    ROW_NUMBER() OVER (
      PARTITION BY r.tenant_id, r.kind, r.per_warehouse, r.product_id, r.category_id, r.warehouse_id
      ORDER BY r.created_at DESC, r.id DESC) AS place
  FROM ev_tenant t CROSS JOIN alert_rules r WHERE r.tenant_id = t.tenant_id AND r.enabled) n
WHERE n.place = 1
