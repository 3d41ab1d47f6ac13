WITH first AS MATERIALIZED (
  SELECT j.id FROM jobs j
  WHERE j.queue = :queue AND j.state = 'QUEUED' AND j.crashes > 0 AND j.run_at <= :now AND (:alone OR j.crashes = 1)
    AND (SELECT count(*) FROM jobs r WHERE r.queue = :queue AND r.tenant_id = j.tenant_id AND r.state = 'RUNNING') < :most
  ORDER BY j.crashes > 1, j.run_at, j.id LIMIT 1
  FOR UPDATE SKIP LOCKED -- postgres
)
UPDATE jobs SET state = 'RUNNING', attempts = attempts + 1, started_at = :now, lease_until = :until, lease_token = :token
WHERE id IN (SELECT id FROM first)
RETURNING id, tenant_id, kind, payload, attempts, max_attempts, crashes, run_at, lease_token, trace
