SELECT k.fingerprint, k.response, k.created_at FROM idempotency_keys k
WHERE k.tenant_id = :tenant AND k.actor_id = :actor AND k.key = :key AND k.created_at > :since
