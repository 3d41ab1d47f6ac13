-- What fell due during a pause is let go: the schedule goes on from its end.
INSERT INTO schedules (name, paused, last_fire_at, updated_at) VALUES (:name, :paused, :now, :now)
ON CONFLICT (name) DO UPDATE SET paused = excluded.paused, last_fire_at = excluded.last_fire_at, updated_at = excluded.updated_at
