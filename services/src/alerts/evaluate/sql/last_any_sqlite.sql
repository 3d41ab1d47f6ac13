SELECT p.id FROM ev_tenant t CROSS JOIN products p
WHERE p.tenant_id = t.tenant_id AND p.id > :after ORDER BY p.id LIMIT 1 OFFSET :most
