UPDATE jobs SET due = true WHERE id IN (
  SELECT j.id FROM jobs j
  WHERE j.queue = :queue AND j.state = 'QUEUED' AND NOT j.due AND j.run_at <= :now
  ORDER BY j.run_at LIMIT 1000
  FOR UPDATE SKIP LOCKED -- postgres
)
