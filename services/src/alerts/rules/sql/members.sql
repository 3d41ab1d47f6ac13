SELECT m.* FROM alert_rule_recipients c JOIN memberships m ON m.tenant_id = c.tenant_id AND m.id = c.membership_id
WHERE c.tenant_id = :tenant AND c.rule_id = :rule ORDER BY m.created_at, m.id
