UPDATE jobs SET state = r.state, run_at = coalesce(r.run_at, jobs.run_at), due = (coalesce(r.run_at, jobs.run_at) <= :now),
  attempts = attempts - r.given_back, lease_until = NULL, lease_token = NULL,
  last_error = coalesce(r.error, jobs.last_error), failure = coalesce(r.failure, jobs.failure),
  finished_at = CASE WHEN r.state = 'QUEUED' THEN NULL ELSE :now END
FROM :rows(r: id uuid, token uuid, state text, run_at bigint, given_back bigint, error text, failure text)
WHERE jobs.id = r.id AND jobs.state = 'RUNNING' AND jobs.lease_token = r.token
RETURNING jobs.id
