-- Whoever finds one there already judged without it.
INSERT INTO stock_levels (tenant_id, id, product_id, warehouse_id, on_hand, reserved, updated_at)
SELECT :tenant, r.id, r.product_id, r.warehouse_id, r.quantity, 0, :now
FROM :rows(r: id uuid, product_id uuid, warehouse_id uuid, quantity bigint) WHERE true
ORDER BY r.product_id, r.warehouse_id
ON CONFLICT (tenant_id, product_id, warehouse_id) DO NOTHING
