WITH first AS MATERIALIZED (
  SELECT j.id FROM jobs j
  WHERE j.queue = :queue AND j.state = 'QUEUED' AND j.crashes > 0 AND j.run_at <= :now AND (:alone OR j.crashes = 1)
  ORDER BY j.crashes > 1, j.run_at, j.id LIMIT 1
  FOR UPDATE SKIP LOCKED -- postgres
)
UPDATE jobs SET state = 'RUNNING', attempts = attempts + 1, started_at = :now, lease_until = :until, lease_token = :token
WHERE id IN (SELECT id FROM first)
RETURNING id, tenant_id, kind, payload, attempts, max_attempts, crashes, run_at, lease_token, trace
