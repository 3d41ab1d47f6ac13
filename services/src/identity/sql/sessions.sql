SELECT s.id, s.user_id, s.tenant_id, m.id AS membership_id, u.locale, o.user_id AS operator, g.currency, g.time_zone, g.modules_off, g.policies, s.began_at, f.user_id AS factor, coalesce(s.proved_at, s.created_at) AS proved_at,
  (SELECT string_agg(coalesce(r.key, '') || ' ' || coalesce(x.permission, '') || ' ' || coalesce(x.reach, ''), ',')
   FROM membership_roles h
   JOIN roles r ON r.tenant_id = h.tenant_id AND r.id = h.role_id
   LEFT JOIN role_grants x ON x.tenant_id = r.tenant_id AND x.role_id = r.id
   WHERE h.tenant_id = m.tenant_id AND h.membership_id = m.id) AS grants
FROM sessions s
JOIN users u ON u.id = s.user_id
LEFT JOIN memberships m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id AND m.status = 'ACTIVE'
LEFT JOIN operators o ON o.user_id = s.user_id
LEFT JOIN organizations g ON g.id = s.tenant_id
LEFT JOIN second_factors f ON f.user_id = s.user_id AND f.confirmed_at IS NOT NULL
WHERE s.id :in(sessions) AND s.revoked_at IS NULL AND s.expires_at > :now
