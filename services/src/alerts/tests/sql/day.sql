INSERT INTO service_days (tenant_id, product_id, day, lines, short_lines, ordered, delivered)
VALUES (:tenant, :product, :day, 1, :short, :ordered, :delivered)
ON CONFLICT (tenant_id, product_id, day) DO UPDATE SET
  lines = service_days.lines + 1, short_lines = service_days.short_lines + excluded.short_lines,
  ordered = service_days.ordered + excluded.ordered, delivered = service_days.delivered + excluded.delivered
