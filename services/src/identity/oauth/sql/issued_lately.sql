SELECT COUNT(*) FROM oauth_grants q WHERE q.tenant_id = :tenant AND q.client_id = :client AND q.created_at > :since
