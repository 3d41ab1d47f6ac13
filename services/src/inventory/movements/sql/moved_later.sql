SELECT CAST(COALESCE(SUM(m.quantity), 0) AS bigint) FROM stock_movements m
WHERE m.tenant_id = :tenant AND m.product_id = :product AND m.warehouse_id = :warehouse
  AND m.occurred_at >= :at AND (m.occurred_at > :at OR m.id > :id)
