SELECT m.id, m.after_id FROM ev_tenant t CROSS JOIN alert_marks m
WHERE m.tenant_id = t.tenant_id AND m.product_id = :any ORDER BY m.after_id IS NULL, m.id LIMIT 1
