SELECT n.invitation_id, r.*,
  (SELECT string_agg(x.permission || ' ' || x.reach, ',') FROM role_grants x WHERE x.tenant_id = r.tenant_id AND x.role_id = r.id) AS grants
FROM invitation_roles n JOIN roles r ON r.tenant_id = n.tenant_id AND r.id = n.role_id
WHERE n.tenant_id = :tenant AND n.invitation_id :in(ids)
