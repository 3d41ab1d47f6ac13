-- The same over every product of the tenants, one tenant after the other: its sums fit the cache of a processor.
INSERT INTO ev_fact (tenant_id, product_id, warehouse_id, kind, available)
WITH s AS MATERIALIZED (
  SELECT t.tenant_id, l.product_id, :any AS warehouse_id, t.cap, l.available
  FROM ev_tenant t CROSS JOIN LATERAL (
    SELECT l.product_id, exact_sum(l.on_hand - l.reserved) AS available FROM stock_levels l
    WHERE l.tenant_id = t.tenant_id GROUP BY l.product_id HAVING exact_sum(l.on_hand - l.reserved) <= t.cap) l
  UNION ALL
  SELECT l.tenant_id, l.product_id, l.warehouse_id, t.cap, l.on_hand - l.reserved
  FROM ev_tenant t CROSS JOIN stock_levels l
  WHERE t.each_warehouse AND l.tenant_id = t.tenant_id AND l.on_hand - l.reserved <= t.cap)
SELECT s.tenant_id, s.product_id, s.warehouse_id, k.kind, s.available
FROM s CROSS JOIN (SELECT 'STOCK_OUT' AS kind UNION ALL SELECT 'LOW_STOCK') k
WHERE s.available <= CASE k.kind WHEN 'STOCK_OUT' THEN 0 ELSE s.cap END
