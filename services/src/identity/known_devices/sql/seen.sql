INSERT INTO known_devices (id, user_id, program, network, first_seen, last_seen) VALUES (:id, :user, :program, :network, :now, :now)
ON CONFLICT (user_id, program, network) DO UPDATE SET last_seen = excluded.last_seen
RETURNING id
