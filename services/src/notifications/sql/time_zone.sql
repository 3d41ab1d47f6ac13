SELECT u.time_zone FROM users u WHERE u.id = :user
