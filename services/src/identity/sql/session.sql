SELECT s.user_id, s.tenant_id, m.id AS membership_id, u.locale, o.user_id AS operator, g.currency, g.time_zone
FROM sessions s
JOIN users u ON u.id = s.user_id
LEFT JOIN memberships m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id AND m.status = 'ACTIVE'
LEFT JOIN operators o ON o.user_id = s.user_id
LEFT JOIN organizations g ON g.id = s.tenant_id
WHERE s.id = :id AND s.revoked_at IS NULL AND s.expires_at > :now
