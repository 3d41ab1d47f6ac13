SELECT COUNT(*) FROM oauth_clients c WHERE c.tenant_id = :tenant
