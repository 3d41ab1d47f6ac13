DELETE FROM known_devices WHERE user_id = :user
