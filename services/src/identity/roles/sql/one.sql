SELECT r.*,
  (SELECT string_agg(x.permission || ' ' || x.reach, ',') FROM role_grants x WHERE x.tenant_id = r.tenant_id AND x.role_id = r.id) AS grants
FROM roles r WHERE r.tenant_id = :tenant AND r.id = :id
