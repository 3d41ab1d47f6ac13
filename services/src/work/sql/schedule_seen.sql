UPDATE schedules SET last_fire_at = :seen, updated_at = :now WHERE name = :name
