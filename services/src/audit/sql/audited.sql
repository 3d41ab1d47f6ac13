SELECT o.id AS tenant_id FROM organizations o ORDER BY o.id
