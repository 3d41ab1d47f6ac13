DELETE FROM alert_rule_recipients
WHERE tenant_id = :tenant AND rule_id = :rule AND (:members AND membership_id IS NOT NULL OR :roles AND role_id IS NOT NULL)
