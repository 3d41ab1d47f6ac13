INSERT INTO schedules (name, paused, last_fire_at, updated_at) VALUES (:name, false, :now, :now)
ON CONFLICT DO NOTHING
