SELECT u.email, u.display_name AS name, u.locale, o.name AS organization, coalesce(a.display_name, '') AS actor
FROM users u JOIN organizations o ON o.id = :tenant LEFT JOIN users a ON a.id = :actor
WHERE u.id = :user
