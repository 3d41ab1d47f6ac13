SELECT DISTINCT c.rule_id, m.id AS membership_id
FROM alert_rule_recipients c
LEFT JOIN membership_roles h ON h.tenant_id = c.tenant_id AND h.role_id = c.role_id
JOIN memberships m ON m.tenant_id = c.tenant_id AND m.id = coalesce(c.membership_id, h.membership_id) AND m.status = 'ACTIVE' AND m.kind = 'PERSON'
WHERE c.tenant_id = :tenant AND c.rule_id :in(rules)
ORDER BY c.rule_id, m.id
