SELECT p.sku, d.day, d.lines, d.short_lines, d.ordered, d.delivered
FROM service_days d JOIN products p ON p.tenant_id = :tenant AND p.id = d.product_id
WHERE d.tenant_id = :tenant ORDER BY p.sku, d.day
