DELETE FROM known_devices WHERE id = :id
