UPDATE oauth_grants SET last_used_at = :now WHERE tenant_id = :tenant AND id = :id AND coalesce(last_used_at, 0) <= :before
