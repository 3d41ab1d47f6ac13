INSERT INTO ev_fact (tenant_id, product_id, warehouse_id, kind)
SELECT d.tenant_id, d.product_id, :any, 'SERVICE_LEVEL_DROP'
FROM ev_product w CROSS JOIN ev_tenant t CROSS JOIN service_days d
WHERE t.tenant_id = w.tenant_id AND d.tenant_id = w.tenant_id AND d.product_id = w.product_id
  AND d.short_lines > 0 AND d.day > t.today - t.longest_window AND d.day <= t.today
UNION
SELECT o.tenant_id, o.product_id, o.warehouse_id, o.kind FROM ev_open o WHERE o.kind = 'SERVICE_LEVEL_DROP'
