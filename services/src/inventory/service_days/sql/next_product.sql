SELECT d.product_id FROM service_days d
WHERE d.tenant_id = :tenant AND d.product_id > :after ORDER BY d.product_id LIMIT 1
