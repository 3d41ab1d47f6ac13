SELECT l.id FROM stock_levels l WHERE l.tenant_id = :tenant AND l.product_id = :product AND l.warehouse_id = :warehouse
FOR UPDATE -- postgres
