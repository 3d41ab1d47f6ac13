DELETE FROM idempotency_keys WHERE (tenant_id, actor_id, key) IN (
  SELECT t.tenant_id, t.actor_id, t.key FROM idempotency_keys t WHERE t.created_at < :before LIMIT 1000
)
