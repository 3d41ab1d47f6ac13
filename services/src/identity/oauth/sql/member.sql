SELECT m.tenant_id, m.id AS membership_id, m.user_id, u.locale, g.currency, g.time_zone, g.modules_off, g.policies, f.user_id AS factor,
  (SELECT string_agg(coalesce(r.key, '') || ' ' || coalesce(x.permission, '') || ' ' || coalesce(x.reach, ''), ',')
   FROM membership_roles h
   JOIN roles r ON r.tenant_id = h.tenant_id AND r.id = h.role_id
   LEFT JOIN role_grants x ON x.tenant_id = r.tenant_id AND x.role_id = r.id
   WHERE h.tenant_id = m.tenant_id AND h.membership_id = m.id) AS grants
FROM memberships m
JOIN users u ON u.id = m.user_id
JOIN organizations g ON g.id = m.tenant_id
LEFT JOIN second_factors f ON f.user_id = m.user_id AND f.confirmed_at IS NOT NULL
WHERE m.tenant_id = :tenant AND m.user_id = :user AND m.status = 'ACTIVE' AND m.kind = 'PERSON'
