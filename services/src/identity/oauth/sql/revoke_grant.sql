UPDATE oauth_grants SET revoked_at = :now WHERE tenant_id = :tenant AND client_id = :client AND id = :id AND revoked_at IS NULL
