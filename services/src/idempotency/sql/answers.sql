UPDATE idempotency_keys SET response = r.response
FROM :rows(r: tenant_id uuid, actor_id uuid, key text, response text)
WHERE idempotency_keys.tenant_id = r.tenant_id AND idempotency_keys.actor_id = r.actor_id AND idempotency_keys.key = r.key
