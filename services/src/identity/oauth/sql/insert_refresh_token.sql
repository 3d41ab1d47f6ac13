INSERT INTO oauth_refresh_tokens (tenant_id, id, grant_id, token_hash, created_at) VALUES (:tenant, :id, :grant, :hash, :now)
