SELECT k.tenant_id, k.id, k.grant_id, q.client_id, k.redirect_uri, k.challenge, k.expires_at, k.used_at
FROM oauth_codes k JOIN oauth_grants q ON q.tenant_id = k.tenant_id AND q.id = k.grant_id
WHERE k.code_hash = :hash
