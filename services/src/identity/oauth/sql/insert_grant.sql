INSERT INTO oauth_grants (tenant_id, id, client_id, membership_id, scopes, created_at, expires_at)
VALUES (:tenant, :id, :client, :membership, :scopes, :now, :expires)
