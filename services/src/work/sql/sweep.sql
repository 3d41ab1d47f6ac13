UPDATE jobs SET state = CASE WHEN attempts >= max_attempts THEN 'DEAD' ELSE 'QUEUED' END, crashes = crashes + 1, due = true, run_at = :now,
  lease_until = NULL, lease_token = NULL, finished_at = CASE WHEN attempts >= max_attempts THEN :now ELSE finished_at END,
  last_error = :error, failure = 'WORKER_DIED'
WHERE id IN (
  SELECT j.id FROM jobs j WHERE j.state = 'RUNNING' AND j.lease_until <= :now
  ORDER BY j.lease_until LIMIT 100
  FOR UPDATE SKIP LOCKED -- postgres
)
RETURNING id, kind, state
