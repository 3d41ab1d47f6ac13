-- What is open and cannot fire any more has its facts, too.
INSERT INTO ev_fact (tenant_id, product_id, warehouse_id, kind, available)
SELECT s.tenant_id, s.product_id, s.warehouse_id, s.kind, s.available
FROM (
  SELECT o.tenant_id, o.product_id, o.warehouse_id, o.kind, (
    SELECT exact_sum(l.on_hand - l.reserved) FROM stock_levels l -- postgres
    SELECT SUM(l.on_hand - l.reserved) FROM stock_levels l -- sqlite
    WHERE l.tenant_id = o.tenant_id AND l.product_id = o.product_id
      AND (o.warehouse_id = :any OR l.warehouse_id = o.warehouse_id)) AS available
  FROM ev_open o
  WHERE o.kind <> 'SERVICE_LEVEL_DROP' AND NOT EXISTS (
    SELECT 1 FROM ev_fact f
    WHERE f.tenant_id = o.tenant_id AND f.product_id = o.product_id AND f.warehouse_id = o.warehouse_id AND f.kind = o.kind)
  OFFSET 0 -- postgres
) s
WHERE s.available IS NOT NULL
