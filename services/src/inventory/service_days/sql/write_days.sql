INSERT INTO service_days (tenant_id, product_id, day, lines, short_lines, ordered, delivered)
SELECT :tenant, :product, r.day, r.lines, r.short_lines, r.ordered, r.delivered
FROM :rows(r: day bigint, lines bigint, short_lines bigint, ordered bigint, delivered bigint)
