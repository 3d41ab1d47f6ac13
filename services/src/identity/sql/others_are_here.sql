SELECT (SELECT COUNT(*) FROM operators) + (SELECT COUNT(*) FROM (SELECT u.id FROM users u WHERE u.id <> :user LIMIT 1) other)
