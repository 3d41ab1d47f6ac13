INSERT INTO ev_product (tenant_id, product_id)
SELECT p.tenant_id, p.id FROM ev_tenant t CROSS JOIN products p
WHERE p.tenant_id = t.tenant_id AND p.id > :after ORDER BY p.id LIMIT :most
ON CONFLICT DO NOTHING
