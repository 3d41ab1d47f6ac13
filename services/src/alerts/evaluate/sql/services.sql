INSERT INTO ev_fact (tenant_id, product_id, warehouse_id, kind, category_id, reorder_point, available)
SELECT w.tenant_id, w.product_id, :any, 'SERVICE_LEVEL_DROP', p.category_id, NULL, NULL
FROM ev_product w CROSS JOIN ev_tenant t CROSS JOIN products p
WHERE t.tenant_id = w.tenant_id AND p.tenant_id = w.tenant_id AND p.id = w.product_id AND p.archived_at IS NULL AND (
  EXISTS (
    SELECT 1 FROM service_days d
    WHERE d.tenant_id = w.tenant_id AND d.product_id = w.product_id AND d.short_lines > 0
      AND d.day > t.today - t.longest_window AND d.day <= t.today)
  OR EXISTS (
    SELECT 1 FROM ev_open a
    WHERE a.tenant_id = w.tenant_id AND a.product_id = w.product_id AND a.kind = 'SERVICE_LEVEL_DROP'))
