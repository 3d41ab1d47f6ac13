INSERT INTO schedule_fires (name, fire_at, job_id) VALUES (:name, :fire_at, :job)
ON CONFLICT DO NOTHING
