DELETE FROM service_days WHERE tenant_id = :tenant AND product_id = :product
