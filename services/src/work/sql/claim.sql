WITH best AS MATERIALIZED (
  SELECT j.id FROM jobs j
  WHERE j.queue = :queue AND j.priority = :priority AND j.tenant_id = :tenant AND j.state = 'QUEUED' AND j.due AND j.crashes = 0
  ORDER BY j.run_at, j.id LIMIT :quota
  FOR UPDATE SKIP LOCKED -- postgres
)
UPDATE jobs SET state = 'RUNNING', attempts = attempts + 1, started_at = :now, lease_until = :until, lease_token = :token
WHERE id IN (SELECT id FROM best)
RETURNING id, tenant_id, kind, payload, attempts, max_attempts, crashes, run_at, lease_token, trace
