SELECT s.name, s.paused, (SELECT max(f.fire_at) FROM schedule_fires f WHERE f.name = s.name) AS fired_at FROM schedules s
