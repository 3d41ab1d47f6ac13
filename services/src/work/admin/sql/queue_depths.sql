SELECT c.queue, CAST(sum(c.waiting) AS bigint) AS waiting, CAST(sum(c.later) AS bigint) AS later, CAST(sum(c.running) AS bigint) AS running, CAST(sum(c.dead) AS bigint) AS dead, min(c.oldest) AS oldest
FROM (
  SELECT j.queue, count(*) AS waiting, 0 AS later, 0 AS running, 0 AS dead, min(j.run_at) AS oldest FROM jobs j
  WHERE j.state = 'QUEUED' AND j.due AND j.crashes = 0 GROUP BY j.queue
  UNION ALL
  SELECT j.queue, count(*), 0, 0, 0, min(j.run_at) FROM jobs j
  WHERE j.state = 'QUEUED' AND j.crashes > 0 GROUP BY j.queue
  UNION ALL
  SELECT j.queue, 0, count(*), 0, 0, NULL FROM jobs j
  WHERE j.state = 'QUEUED' AND NOT j.due AND j.crashes = 0 GROUP BY j.queue
  UNION ALL
  SELECT j.queue, 0, 0, count(*), 0, NULL FROM jobs j WHERE j.state = 'RUNNING' GROUP BY j.queue
  UNION ALL
  SELECT j.queue, 0, 0, 0, count(*), NULL FROM jobs j WHERE j.state = 'DEAD' GROUP BY j.queue
) c
GROUP BY c.queue
ORDER BY c.queue
