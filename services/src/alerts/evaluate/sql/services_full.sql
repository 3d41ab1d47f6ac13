INSERT INTO ev_fact (tenant_id, product_id, warehouse_id, kind, category_id, reorder_point, available)
SELECT w.tenant_id, w.product_id, :any, 'SERVICE_LEVEL_DROP', p.category_id, NULL, NULL
FROM (
  SELECT d.tenant_id, d.product_id FROM ev_tenant t JOIN service_days d ON d.tenant_id = t.tenant_id
  WHERE d.short_lines > 0 AND d.day > t.today - t.longest_window AND d.day <= t.today
  UNION
  SELECT a.tenant_id, a.product_id FROM ev_open a WHERE a.kind = 'SERVICE_LEVEL_DROP') w
JOIN products p ON p.tenant_id = w.tenant_id AND p.id = w.product_id AND p.archived_at IS NULL
