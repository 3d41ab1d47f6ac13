SELECT s.paused, s.last_fire_at FROM schedules s WHERE s.name = :name
FOR UPDATE -- postgres
