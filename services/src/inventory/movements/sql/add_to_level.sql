INSERT INTO stock_levels (tenant_id, id, product_id, warehouse_id, on_hand, reserved, updated_at)
VALUES (:tenant, :id, :product, :warehouse, :quantity, 0, :now)
ON CONFLICT (tenant_id, product_id, warehouse_id) DO UPDATE
SET on_hand = stock_levels.on_hand + excluded.on_hand, updated_at = excluded.updated_at
WHERE abs(stock_levels.on_hand + excluded.on_hand) <= :most
  AND (NOT :forbids OR stock_levels.on_hand + excluded.on_hand >= 0)
RETURNING on_hand
