-- The organisations whose turn it is: one index probe for each, never a look at all their rows.
WITH RECURSIVE level(priority) AS (SELECT 0 UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3),
turn(priority, tenant_id, place) AS (
  SELECT l.priority, (
    SELECT j.tenant_id FROM jobs j
    WHERE j.queue = :queue AND j.priority = l.priority AND j.tenant_id >= :first AND j.state = 'QUEUED' AND j.due AND j.crashes = 0
    ORDER BY j.tenant_id LIMIT 1), 1
  FROM level l
  UNION ALL
  SELECT t.priority, (
    SELECT j.tenant_id FROM jobs j
    WHERE j.queue = :queue AND j.priority = t.priority AND j.tenant_id > t.tenant_id AND j.state = 'QUEUED' AND j.due AND j.crashes = 0
    ORDER BY j.tenant_id LIMIT 1), t.place + 1
  FROM turn t WHERE t.tenant_id IS NOT NULL AND t.place < :window
)
SELECT t.priority, t.tenant_id, (
  SELECT count(*) FROM jobs r WHERE r.queue = :queue AND r.tenant_id = t.tenant_id AND r.state = 'RUNNING') AS running,
  EXISTS (SELECT 1 FROM queues q WHERE q.name = :queue AND (q.paused OR q.tenant_limit IS NOT NULL)) AS held
FROM turn t WHERE t.tenant_id IS NOT NULL
ORDER BY t.priority, t.place
