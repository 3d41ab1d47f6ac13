DELETE FROM security_events WHERE id IN (
  SELECT e.id FROM security_events e WHERE e.at < :before LIMIT 1000
)
