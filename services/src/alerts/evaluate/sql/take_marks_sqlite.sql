INSERT INTO ev_product (tenant_id, product_id)
SELECT DISTINCT m.tenant_id, m.product_id FROM ev_tenant t CROSS JOIN alert_marks m
WHERE m.tenant_id = t.tenant_id AND m.product_id <> :any LIMIT :most
