DELETE FROM stock_levels WHERE tenant_id = :tenant AND product_id = :product AND warehouse_id = :warehouse
