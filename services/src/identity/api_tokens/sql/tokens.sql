SELECT t.id, t.token_hash, t.prefix, t.scopes, t.addresses, t.expires_at, t.last_used_at,
  t.tenant_id, m.id AS membership_id, m.user_id, u.locale, g.currency, g.time_zone, g.modules_off, g.policies, CASE WHEN m.kind = 'SERVICE' THEN m.user_id ELSE f.user_id END AS factor,
  (SELECT string_agg(coalesce(r.key, '') || ' ' || coalesce(x.permission, '') || ' ' || coalesce(x.reach, ''), ',')
   FROM membership_roles h
   JOIN roles r ON r.tenant_id = h.tenant_id AND r.id = h.role_id
   LEFT JOIN role_grants x ON x.tenant_id = r.tenant_id AND x.role_id = r.id
   WHERE h.tenant_id = m.tenant_id AND h.membership_id = m.id) AS grants
FROM :rows(w: hash bytes)
JOIN api_tokens t ON t.token_hash = w.hash
JOIN memberships m ON m.tenant_id = t.tenant_id AND m.id = t.membership_id AND m.status = 'ACTIVE'
JOIN users u ON u.id = m.user_id
JOIN organizations g ON g.id = m.tenant_id
LEFT JOIN second_factors f ON f.user_id = m.user_id AND f.confirmed_at IS NOT NULL
WHERE t.revoked_at IS NULL AND t.expires_at > :now
