SELECT q.tenant_id, q.id, q.client_id, q.scopes, c.scopes AS allowed, q.expires_at, q.revoked_at, m.user_id, m.status, g.policies
FROM oauth_grants q
JOIN oauth_clients c ON c.tenant_id = q.tenant_id AND c.id = q.client_id
JOIN memberships m ON m.tenant_id = q.tenant_id AND m.id = q.membership_id
JOIN organizations g ON g.id = q.tenant_id
WHERE q.tenant_id = :tenant AND q.id = :id AND q.kind = 'CODE'
