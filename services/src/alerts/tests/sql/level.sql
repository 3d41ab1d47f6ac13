INSERT INTO stock_levels (tenant_id, id, product_id, warehouse_id, on_hand, reserved, updated_at)
VALUES (:tenant, :id, :product, :warehouse, :on_hand, :reserved, :now)
ON CONFLICT (tenant_id, product_id, warehouse_id) DO UPDATE
SET on_hand = stock_levels.on_hand + excluded.on_hand, reserved = stock_levels.reserved + excluded.reserved
