DELETE FROM api_tokens WHERE (tenant_id, id) IN (
  SELECT t.tenant_id, t.id FROM api_tokens t WHERE t.expires_at < :before LIMIT 1000
)
