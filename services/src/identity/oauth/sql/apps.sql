SELECT s.id, s.tenant_id, s.client_id, c.name, string_agg(q.scopes, ' ') AS scopes,
  min(q.created_at) AS since, max(q.expires_at) AS expires_at, max(q.last_used_at) AS last_used_at
FROM memberships m
JOIN oauth_consents s ON s.tenant_id = m.tenant_id AND s.membership_id = m.id
JOIN oauth_clients c ON c.tenant_id = s.tenant_id AND c.id = s.client_id
JOIN oauth_grants q ON q.tenant_id = s.tenant_id AND q.consent_id = s.id
WHERE m.user_id = :user AND m.status = 'ACTIVE' AND q.revoked_at IS NULL AND q.expires_at > :now
GROUP BY s.id, s.tenant_id, s.client_id, c.name
ORDER BY min(q.created_at) DESC, s.id DESC
