SELECT l.tenant_id, l.id, l.product_id, l.warehouse_id, l.on_hand, l.reserved, l.updated_at FROM stock_levels l
WHERE l.tenant_id = :tenant AND l.product_id :in(products) ORDER BY l.id
