SELECT 1 FROM oauth_grants q WHERE q.tenant_id = :tenant AND q.id = :id
FOR UPDATE -- postgres
