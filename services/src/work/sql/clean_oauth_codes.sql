DELETE FROM oauth_codes WHERE (tenant_id, id) IN (
  SELECT k.tenant_id, k.id FROM oauth_codes k WHERE k.expires_at < :before LIMIT 1000
)
