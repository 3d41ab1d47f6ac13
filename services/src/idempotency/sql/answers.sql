-- The rows are there: as a conflict each is found by its key, whatever the planner believes of the table.
INSERT INTO idempotency_keys (tenant_id, actor_id, key, fingerprint, created_at, response)
SELECT r.tenant_id, r.actor_id, r.key, r.fingerprint, r.created_at, r.response
FROM :rows(r: tenant_id uuid, actor_id uuid, key text, fingerprint bytes, response text, created_at bigint)
WHERE true
ON CONFLICT (tenant_id, actor_id, key) DO UPDATE SET response = excluded.response
WHERE idempotency_keys.fingerprint = excluded.fingerprint
