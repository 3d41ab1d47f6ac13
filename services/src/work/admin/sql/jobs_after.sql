SELECT j.* FROM jobs j
WHERE (CAST(:queue AS text) IS NULL OR j.queue = :queue) AND (CAST(:kind AS text) IS NULL OR j.kind = :kind)
  AND (:any_state OR (j.state = 'QUEUED' AND j.attempts = 0 AND :queued) OR (j.state = 'QUEUED' AND j.attempts > 0 AND :retrying)
    OR (j.state = 'RUNNING' AND :running) OR (j.state = 'COMPLETED' AND :completed) OR (j.state = 'DEAD' AND :dead)
    OR (j.state = 'DISCARDED' AND :discarded))
  AND j.id > :id
ORDER BY j.id LIMIT :rows
