INSERT INTO service_days (tenant_id, product_id, day, lines, short_lines, ordered, delivered)
SELECT :tenant, r.product_id, r.day, r.lines, r.short_lines, r.ordered, r.delivered
FROM :rows(r: product_id uuid, day bigint, lines bigint, short_lines bigint, ordered bigint, delivered bigint) WHERE true
ORDER BY r.product_id, r.day
ON CONFLICT (tenant_id, product_id, day) DO UPDATE SET
  lines = service_days.lines + excluded.lines,
  short_lines = service_days.short_lines + excluded.short_lines,
  ordered = service_days.ordered + excluded.ordered,
  delivered = service_days.delivered + excluded.delivered
