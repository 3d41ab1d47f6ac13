SELECT q.scopes, q.expires_at FROM oauth_grants q
WHERE q.tenant_id = :tenant AND q.client_id = :client AND q.membership_id = :membership AND q.kind = 'CODE'
  AND q.revoked_at IS NULL AND q.expires_at > :now
ORDER BY q.expires_at DESC
