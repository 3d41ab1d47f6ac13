DELETE FROM oauth_grants WHERE (tenant_id, id) IN (
  SELECT q.tenant_id, q.id FROM oauth_grants q WHERE q.expires_at < :before LIMIT 1000
)
