SELECT r.*,
  (SELECT string_agg(x.permission || ' ' || x.reach, ',') FROM role_grants x WHERE x.tenant_id = r.tenant_id AND x.role_id = r.id) AS grants
FROM alert_rule_recipients c JOIN roles r ON r.tenant_id = c.tenant_id AND r.id = c.role_id
WHERE c.tenant_id = :tenant AND c.rule_id = :rule
