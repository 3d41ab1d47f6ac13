DELETE FROM schedule_fires WHERE (name, fire_at) IN (
  SELECT t.name, t.fire_at FROM schedule_fires t WHERE t.fire_at < :before LIMIT 1000
)
