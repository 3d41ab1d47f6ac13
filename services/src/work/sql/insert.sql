INSERT INTO jobs (tenant_id, id, queue, kind, payload, state, priority, run_at, due, attempts, max_attempts, crashes, unique_key, trace, created_at)
SELECT :tenant, r.id, r.queue, r.kind, r.payload, 'QUEUED', r.priority, r.run_at, r.run_at <= :now, 0, r.max_attempts, 0, r.unique_key, :trace, :now
FROM :rows(r: id uuid, queue text, kind text, payload text, priority bigint, run_at bigint, max_attempts bigint, unique_key text)
WHERE true
ON CONFLICT DO NOTHING
