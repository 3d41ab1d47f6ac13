INSERT INTO ev_fact (tenant_id, product_id, warehouse_id, kind)
SELECT d.tenant_id, d.product_id, :any, 'SERVICE_LEVEL_DROP'
FROM ev_tenant t JOIN service_days d ON d.tenant_id = t.tenant_id
WHERE d.short_lines > 0 AND d.day > t.today - t.longest_window AND d.day <= t.today
UNION
SELECT o.tenant_id, o.product_id, o.warehouse_id, o.kind FROM ev_open o WHERE o.kind = 'SERVICE_LEVEL_DROP'
