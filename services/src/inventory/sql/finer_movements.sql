SELECT COUNT(*) FROM stock_movements m WHERE m.tenant_id = :tenant AND m.product_id = :product AND m.quantity % :step <> 0
