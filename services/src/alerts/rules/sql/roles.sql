SELECT r.* FROM alert_rule_recipients c JOIN roles r ON r.tenant_id = c.tenant_id AND r.id = c.role_id
WHERE c.tenant_id = :tenant AND c.rule_id = :rule ORDER BY r.created_at, r.id
