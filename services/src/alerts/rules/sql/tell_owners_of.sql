INSERT INTO alert_rule_recipients (tenant_id, id, rule_id, role_id)
SELECT r.tenant_id, x.id, x.rule, r.id FROM :rows(x: id uuid, rule uuid) JOIN roles r ON r.tenant_id = :tenant AND r.key = :owner
WHERE NOT EXISTS (SELECT 1 FROM alert_rule_recipients c WHERE c.tenant_id = :tenant AND c.rule_id = x.rule)
