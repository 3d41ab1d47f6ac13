SELECT r.id, CAST((
  SELECT SUM(m.quantity) FROM stock_movements m
  WHERE m.tenant_id = :tenant AND m.product_id = r.product_id AND m.warehouse_id = r.warehouse_id
    AND (m.occurred_at < r.occurred_at OR m.occurred_at = r.occurred_at AND m.id <= r.id)) AS bigint) AS on_hand
FROM :rows(r: id uuid, product_id uuid, warehouse_id uuid, occurred_at bigint)
