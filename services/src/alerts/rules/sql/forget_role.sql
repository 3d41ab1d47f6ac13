DELETE FROM alert_rule_recipients WHERE tenant_id = :tenant AND role_id = :role RETURNING rule_id
