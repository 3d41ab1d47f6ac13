-- The window slid: a product matters when a line entered or left a window, and only with a short line in the new window
-- or an open alert.
INSERT INTO ev_product (tenant_id, product_id) -- postgres
INSERT INTO alert_marks (tenant_id, product_id) -- sqlite
WITH u AS MATERIALIZED (
  SELECT t.tenant_id, t.today, t.from_day, (
    SELECT MAX(r.window_days) FROM alert_rules r WHERE r.tenant_id = t.tenant_id AND r.kind = 'SERVICE_LEVEL_DROP' AND r.enabled) AS longest
  FROM ev_tenant t WHERE t.today > t.from_day)
SELECT c.tenant_id, c.product_id
FROM (
  SELECT x.tenant_id, x.product_id FROM u CROSS JOIN service_days x
  WHERE x.tenant_id = u.tenant_id AND x.short_lines > 0 AND x.day <= u.today AND x.day > u.today - u.longest
  UNION
  SELECT a.tenant_id, a.product_id FROM u CROSS JOIN alerts a
  WHERE a.tenant_id = u.tenant_id AND a.kind = 'SERVICE_LEVEL_DROP' AND a.state <> 'RESOLVED') c
CROSS JOIN u
WHERE u.tenant_id = c.tenant_id AND (
  EXISTS (
    SELECT 1 FROM service_days y
    WHERE y.tenant_id = c.tenant_id AND y.product_id = c.product_id AND y.day > u.from_day AND y.day <= u.today)
  OR EXISTS (
    SELECT 1 FROM alert_rules r CROSS JOIN service_days y
    WHERE r.tenant_id = c.tenant_id AND r.kind = 'SERVICE_LEVEL_DROP' AND r.enabled
      AND y.tenant_id = c.tenant_id AND y.product_id = c.product_id
      AND y.day > u.from_day - r.window_days AND y.day <= u.today - r.window_days))
  AND NOT EXISTS (SELECT 1 FROM ev_product w WHERE w.tenant_id = c.tenant_id AND w.product_id = c.product_id) -- postgres
