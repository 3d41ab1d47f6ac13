DELETE FROM jobs WHERE (id) IN (
  SELECT t.id FROM jobs t WHERE t.finished_at < :before AND t.state = 'DEAD' LIMIT 1000
)
