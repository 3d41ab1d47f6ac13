-- 5a: the rule of each fact, and what it says. A total and a warehouse are different subjects: a rule speaks to one of them.
-- Hysteresis and targets are compared in whole numbers that stay within 64 bits: floor(a·b/10⁴) = (a/10⁴)·b + (a mod 10⁴)·b/10⁴.
INSERT INTO ev_judged (tenant_id, product_id, warehouse_id, kind, rule_id, rule_version, severity, pending_for, keep_for,
  repeat_every, value_n, value_d, threshold, service_level, window_days, fire, clear)
WITH named AS MATERIALIZED (
  SELECT f.tenant_id, f.product_id, f.warehouse_id, f.kind, p.reorder_point, f.available,
    coalesce(r1.id, r2.id, r3.id, r4.id, r5.id, r6.id) AS rule_id
  FROM ev_fact f
  JOIN products p ON p.tenant_id = f.tenant_id AND p.id = f.product_id AND p.archived_at IS NULL -- sqlite
  CROSS JOIN LATERAL ( -- postgres
    SELECT q.category_id, q.reorder_point FROM products q -- postgres
    WHERE q.tenant_id = f.tenant_id AND q.id = f.product_id AND q.archived_at IS NULL OFFSET 0) p -- postgres
  LEFT JOIN ev_rule r1 ON r1.tenant_id = f.tenant_id AND r1.kind = f.kind AND r1.per_warehouse = (f.warehouse_id <> :any)
    AND r1.product_id = f.product_id AND r1.category_id = :any AND r1.warehouse_id = f.warehouse_id
    AND r1.product_id <> :any AND r1.warehouse_id <> :any
  LEFT JOIN ev_rule r2 ON r2.tenant_id = f.tenant_id AND r2.kind = f.kind AND r2.per_warehouse = (f.warehouse_id <> :any)
    AND r2.product_id = f.product_id AND r2.category_id = :any AND r2.warehouse_id = :any AND r2.product_id <> :any
  LEFT JOIN ev_rule r3 ON r3.tenant_id = f.tenant_id AND r3.kind = f.kind AND r3.per_warehouse = (f.warehouse_id <> :any)
    AND r3.product_id = :any AND r3.category_id = p.category_id AND r3.warehouse_id = f.warehouse_id
    AND r3.category_id <> :any AND r3.warehouse_id <> :any
  LEFT JOIN ev_rule r4 ON r4.tenant_id = f.tenant_id AND r4.kind = f.kind AND r4.per_warehouse = (f.warehouse_id <> :any)
    AND r4.product_id = :any AND r4.category_id = p.category_id AND r4.warehouse_id = :any AND r4.category_id <> :any
  LEFT JOIN ev_rule r5 ON r5.tenant_id = f.tenant_id AND r5.kind = f.kind AND r5.per_warehouse = (f.warehouse_id <> :any)
    AND r5.product_id = :any AND r5.category_id = :any AND r5.warehouse_id = f.warehouse_id AND r5.warehouse_id <> :any
  LEFT JOIN ev_rule r6 ON r6.tenant_id = f.tenant_id AND r6.kind = f.kind AND r6.per_warehouse = (f.warehouse_id <> :any)
    AND r6.product_id = :any AND r6.category_id = :any AND r6.warehouse_id = :any),
ruled AS MATERIALIZED (
  SELECT n.tenant_id, n.product_id, n.warehouse_id, n.kind, n.available, n.rule_id, r.version, r.severity, r.pending_for, r.keep_for,
    r.repeat_every, r.clear_margin, r.service_level, r.target, r.window_days, r.minimum_lines,
    CASE n.kind WHEN 'STOCK_OUT' THEN 0 WHEN 'LOW_STOCK' THEN coalesce(r.threshold, n.reorder_point) ELSE r.target END AS threshold
  FROM named n LEFT JOIN ev_rule r ON r.tenant_id = n.tenant_id AND r.id = n.rule_id),
served AS MATERIALIZED (
  SELECT c.tenant_id, c.product_id, c.service_level, c.target, c.clear_margin, c.minimum_lines,
    CAST(SUM(d.lines) AS bigint) AS lines, CAST(SUM(d.short_lines) AS bigint) AS short_lines,
    CAST(SUM(d.ordered) AS bigint) AS ordered, CAST(SUM(d.delivered) AS bigint) AS delivered
  FROM ruled c CROSS JOIN ev_tenant t CROSS JOIN service_days d
  WHERE c.kind = 'SERVICE_LEVEL_DROP' AND t.tenant_id = c.tenant_id AND d.tenant_id = c.tenant_id AND d.product_id = c.product_id
    AND d.day > t.today - c.window_days AND d.day <= t.today
  GROUP BY c.tenant_id, c.product_id, c.service_level, c.target, c.clear_margin, c.minimum_lines),
rated AS (
  SELECT v.tenant_id, v.product_id, v.lines >= v.minimum_lines AS known,
    CASE v.service_level WHEN 'UNIT_FILL_RATE' THEN v.delivered ELSE v.lines - v.short_lines END AS n,
    CASE v.service_level WHEN 'UNIT_FILL_RATE' THEN v.ordered ELSE v.lines END AS d, v.target,
    CASE WHEN v.target + v.clear_margin > 10000 THEN 10000 ELSE v.target + v.clear_margin END AS clear_target
  FROM served v)
SELECT c.tenant_id, c.product_id, c.warehouse_id, c.kind, c.rule_id, c.version, c.severity, c.pending_for, c.keep_for, c.repeat_every,
  CASE c.kind WHEN 'SERVICE_LEVEL_DROP' THEN coalesce(v.n, 0) ELSE c.available END,
  CASE c.kind WHEN 'SERVICE_LEVEL_DROP' THEN coalesce(v.d, 0) END, c.threshold, c.service_level, c.window_days,
  c.rule_id IS NOT NULL AND coalesce(CASE c.kind
    WHEN 'SERVICE_LEVEL_DROP' THEN v.known AND v.n < v.d / 10000 * v.target + (v.d % 10000 * v.target + 9999) / 10000
    ELSE c.available <= c.threshold END, false),
  c.rule_id IS NOT NULL AND coalesce(CASE c.kind
    WHEN 'SERVICE_LEVEL_DROP' THEN NOT v.known OR v.n >= v.d / 10000 * v.clear_target + (v.d % 10000 * v.clear_target + 9999) / 10000
    ELSE c.available > c.threshold + c.threshold / 10000 * c.clear_margin + c.threshold % 10000 * c.clear_margin / 10000 END, true)
FROM ruled c LEFT JOIN rated v ON c.kind = 'SERVICE_LEVEL_DROP' AND v.tenant_id = c.tenant_id AND v.product_id = c.product_id
