SELECT q.id, q.client_id, q.scopes, c.scopes AS allowed, q.expires_at, q.kind, q.last_used_at, q.tenant_id, m.id AS membership_id, m.user_id, u.locale,
  g.currency, g.time_zone, g.modules_off, g.policies,
  CASE WHEN m.kind = 'SERVICE' THEN m.user_id ELSE f.user_id END AS factor,
  (SELECT string_agg(coalesce(r.key, '') || ' ' || coalesce(x.permission, '') || ' ' || coalesce(x.reach, ''), ',')
   FROM membership_roles h
   JOIN roles r ON r.tenant_id = h.tenant_id AND r.id = h.role_id
   LEFT JOIN role_grants x ON x.tenant_id = r.tenant_id AND x.role_id = r.id
   WHERE h.tenant_id = m.tenant_id AND h.membership_id = m.id) AS grants
FROM oauth_grants q
JOIN oauth_clients c ON c.tenant_id = q.tenant_id AND c.id = q.client_id
JOIN memberships m ON m.tenant_id = q.tenant_id AND m.id = q.membership_id AND m.status = 'ACTIVE'
JOIN users u ON u.id = m.user_id
JOIN organizations g ON g.id = m.tenant_id
LEFT JOIN second_factors f ON f.user_id = m.user_id AND f.confirmed_at IS NOT NULL
WHERE q.id :in(grants) AND q.revoked_at IS NULL AND q.expires_at > :now
