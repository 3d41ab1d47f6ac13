DELETE FROM alert_rule_recipients WHERE tenant_id = :tenant AND membership_id = :member RETURNING rule_id
