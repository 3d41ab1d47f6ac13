-- The same over every product of the tenants: levels are summed as they lie, not looked up one product at a time.
INSERT INTO ev_fact (tenant_id, product_id, warehouse_id, kind, category_id, reorder_point, available)
WITH s AS (
  SELECT l.tenant_id, l.product_id, :any AS warehouse_id, CAST(SUM(l.on_hand - l.reserved) AS bigint) AS available
  FROM stock_levels l WHERE l.tenant_id IN (SELECT t.tenant_id FROM ev_tenant t) GROUP BY l.tenant_id, l.product_id
  UNION ALL
  SELECT l.tenant_id, l.product_id, l.warehouse_id, l.on_hand - l.reserved
  FROM stock_levels l WHERE l.tenant_id IN (SELECT t.tenant_id FROM ev_tenant t WHERE t.each_warehouse)),
worth AS MATERIALIZED (
  SELECT s.tenant_id, s.product_id, s.warehouse_id, s.available, t.cap FROM s JOIN ev_tenant t ON t.tenant_id = s.tenant_id
  WHERE s.available <= t.cap OR (s.tenant_id, s.product_id) IN (SELECT a.tenant_id, a.product_id FROM ev_open a))
SELECT s.tenant_id, s.product_id, s.warehouse_id, k.kind, p.category_id, p.reorder_point, s.available
FROM worth s JOIN products p ON p.tenant_id = s.tenant_id AND p.id = s.product_id AND p.archived_at IS NULL
CROSS JOIN (SELECT 'STOCK_OUT' AS kind UNION ALL SELECT 'LOW_STOCK') k
WHERE s.available <= CASE k.kind WHEN 'STOCK_OUT' THEN 0 ELSE s.cap END
  OR (s.tenant_id, s.product_id) IN (SELECT a.tenant_id, a.product_id FROM ev_open a)
