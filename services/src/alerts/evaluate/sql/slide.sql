-- The window slid: a product matters when a line entered or left a window, and only with a short line in the new window
-- or an open alert.
INSERT INTO ev_product (tenant_id, product_id) -- postgres
INSERT INTO alert_marks (tenant_id, product_id) -- sqlite
SELECT c.tenant_id, c.product_id
FROM (
  SELECT x.tenant_id, x.product_id FROM ev_tenant u CROSS JOIN service_days x
  WHERE u.today > u.from_day AND x.tenant_id = u.tenant_id AND x.short_lines > 0 AND x.day <= u.today AND x.day > u.today - (
    SELECT MAX(r.window_days) FROM alert_rules r WHERE r.tenant_id = u.tenant_id AND r.kind = 'SERVICE_LEVEL_DROP' AND r.enabled)
  UNION
  SELECT a.tenant_id, a.product_id FROM ev_tenant u CROSS JOIN alerts a
  WHERE u.today > u.from_day AND a.tenant_id = u.tenant_id AND a.kind = 'SERVICE_LEVEL_DROP' AND a.state <> 'RESOLVED') c
CROSS JOIN ev_tenant t
WHERE t.tenant_id = c.tenant_id AND (
  EXISTS (
    SELECT 1 FROM service_days y
    WHERE y.tenant_id = c.tenant_id AND y.product_id = c.product_id AND y.day > t.from_day AND y.day <= t.today)
  OR EXISTS (
    SELECT 1 FROM alert_rules r CROSS JOIN service_days y
    WHERE r.tenant_id = c.tenant_id AND r.kind = 'SERVICE_LEVEL_DROP' AND r.enabled
      AND y.tenant_id = c.tenant_id AND y.product_id = c.product_id
      AND y.day > t.from_day - r.window_days AND y.day <= t.today - r.window_days))
ON CONFLICT DO NOTHING -- postgres
