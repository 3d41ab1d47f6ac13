DELETE FROM known_devices WHERE id IN (
  SELECT d.id FROM known_devices d WHERE d.last_seen < :before LIMIT 1000
)
