SELECT d.product_id, CAST(SUM(d.delivered) AS bigint) AS delivered FROM service_days d
WHERE d.tenant_id = :tenant AND d.product_id :in(products) AND d.day > :after AND d.day <= :today
GROUP BY d.product_id
