-- 4: the facts of those that can fire or have an open alert; the rest, nine in ten, goes no further.
INSERT INTO ev_fact (tenant_id, product_id, warehouse_id, kind, category_id, reorder_point, available)
WITH s AS MATERIALIZED (
  SELECT w.tenant_id, w.product_id, :any AS warehouse_id, t.cap, (
    SELECT CAST(SUM(l.on_hand - l.reserved) AS bigint) FROM stock_levels l
    WHERE l.tenant_id = w.tenant_id AND l.product_id = w.product_id) AS available
  FROM ev_product w CROSS JOIN ev_tenant t WHERE t.tenant_id = w.tenant_id
  UNION ALL
  SELECT l.tenant_id, l.product_id, l.warehouse_id, t.cap, l.on_hand - l.reserved
  FROM ev_product w CROSS JOIN ev_tenant t CROSS JOIN stock_levels l
  WHERE t.tenant_id = w.tenant_id AND t.each_warehouse AND l.tenant_id = w.tenant_id AND l.product_id = w.product_id)
SELECT s.tenant_id, s.product_id, s.warehouse_id, k.kind, p.category_id, p.reorder_point, s.available
FROM s CROSS JOIN products p CROSS JOIN (SELECT 'STOCK_OUT' AS kind UNION ALL SELECT 'LOW_STOCK') k
WHERE p.tenant_id = s.tenant_id AND p.id = s.product_id AND p.archived_at IS NULL AND s.available IS NOT NULL
  AND (s.available <= CASE k.kind WHEN 'STOCK_OUT' THEN 0 ELSE s.cap END OR EXISTS (
    SELECT 1 FROM ev_open a WHERE a.tenant_id = s.tenant_id AND a.product_id = s.product_id))
