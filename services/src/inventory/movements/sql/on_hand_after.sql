-- Backwards from what is there now: of a long history only what came later is read.
SELECT r.id, l.on_hand - CAST(COALESCE((
  SELECT SUM(m.quantity) FROM stock_movements m
  WHERE m.tenant_id = :tenant AND m.product_id = r.product_id AND m.warehouse_id = r.warehouse_id
    AND m.occurred_at >= r.occurred_at AND (m.occurred_at > r.occurred_at OR m.id > r.id)), 0) AS bigint) AS on_hand
FROM :rows(r: id uuid, product_id uuid, warehouse_id uuid, occurred_at bigint)
JOIN stock_levels l ON l.tenant_id = :tenant AND l.product_id = r.product_id AND l.warehouse_id = r.warehouse_id
