SELECT h.membership_id, r.*,
  (SELECT string_agg(x.permission || ' ' || x.reach, ',') FROM role_grants x WHERE x.tenant_id = r.tenant_id AND x.role_id = r.id) AS grants
FROM membership_roles h JOIN roles r ON r.tenant_id = h.tenant_id AND r.id = h.role_id
WHERE h.tenant_id = :tenant AND h.membership_id :in(ids)
