-- A key past its life is taken over; a living one is left alone, and no row is counted.
INSERT INTO idempotency_keys (tenant_id, actor_id, key, fingerprint, created_at)
VALUES (:tenant, :actor, :key, :fingerprint, :now)
ON CONFLICT (tenant_id, actor_id, key) DO UPDATE
SET fingerprint = excluded.fingerprint, created_at = excluded.created_at, response = NULL
WHERE idempotency_keys.created_at <= :since
