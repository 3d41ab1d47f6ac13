-- planned anew: the first import begins with empty tables.
SELECT r.product_id, r.warehouse_id, r.occurred_at, CAST(COALESCE((
  SELECT SUM(m.quantity) FROM stock_movements m
  WHERE m.tenant_id = :tenant AND m.product_id = r.product_id AND m.warehouse_id = r.warehouse_id
    AND m.occurred_at <= r.occurred_at), 0) AS bigint) AS on_hand
FROM :rows(r: product_id uuid, warehouse_id uuid, occurred_at bigint)
