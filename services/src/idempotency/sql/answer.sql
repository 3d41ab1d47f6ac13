UPDATE idempotency_keys SET response = :response WHERE tenant_id = :tenant AND actor_id = :actor AND key = :key
