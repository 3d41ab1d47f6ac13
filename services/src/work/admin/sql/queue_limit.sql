INSERT INTO queues (name, paused, tenant_limit, updated_at) VALUES (:name, false, :most, :now)
ON CONFLICT (name) DO UPDATE SET tenant_limit = excluded.tenant_limit, updated_at = excluded.updated_at
