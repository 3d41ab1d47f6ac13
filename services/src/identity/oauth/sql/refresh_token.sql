SELECT t.tenant_id, t.id, t.grant_id, q.client_id, t.created_at, t.used_at
FROM oauth_refresh_tokens t JOIN oauth_grants q ON q.tenant_id = t.tenant_id AND q.id = t.grant_id
WHERE t.token_hash = :hash
