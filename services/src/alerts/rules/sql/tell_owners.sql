INSERT INTO alert_rule_recipients (tenant_id, id, rule_id, role_id)
SELECT r.tenant_id, :id, :rule, r.id FROM roles r
WHERE r.tenant_id = :tenant AND r.key = :owner
  AND NOT EXISTS (SELECT 1 FROM alert_rule_recipients c WHERE c.tenant_id = :tenant AND c.rule_id = :rule)
