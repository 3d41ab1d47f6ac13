-- 4: the facts of what can fire; the rest, nine in ten, goes no further. A cap is never below zero. What only rose, slid or
-- came due calls for no new alert of its stock, and what is open of it follows in the next statement.
INSERT INTO ev_fact (tenant_id, product_id, warehouse_id, kind, available)
WITH s AS MATERIALIZED (
  SELECT p.tenant_id, p.product_id, :any AS warehouse_id, p.cap, p.available
  FROM (
    SELECT w.tenant_id, w.product_id, t.cap, (
      SELECT exact_sum(l.on_hand - l.reserved) FROM stock_levels l -- postgres
      SELECT SUM(l.on_hand - l.reserved) FROM stock_levels l -- sqlite
      WHERE l.tenant_id = w.tenant_id AND l.product_id = w.product_id) AS available
    FROM ev_product w CROSS JOIN ev_tenant t WHERE t.tenant_id = w.tenant_id
      AND w.may_begin -- postgres
    LIMIT -1 -- sqlite
    OFFSET 0) p
  WHERE p.available <= p.cap
  UNION ALL
  SELECT l.tenant_id, l.product_id, l.warehouse_id, t.cap, l.on_hand - l.reserved
  FROM ev_product w CROSS JOIN ev_tenant t CROSS JOIN stock_levels l
  WHERE t.tenant_id = w.tenant_id AND t.each_warehouse AND l.tenant_id = w.tenant_id AND l.product_id = w.product_id
    AND l.on_hand - l.reserved <= t.cap
    AND w.may_begin -- postgres
  )
SELECT s.tenant_id, s.product_id, s.warehouse_id, k.kind, s.available
FROM s CROSS JOIN (SELECT 'STOCK_OUT' AS kind UNION ALL SELECT 'LOW_STOCK') k
WHERE s.available <= CASE k.kind WHEN 'STOCK_OUT' THEN 0 ELSE s.cap END
