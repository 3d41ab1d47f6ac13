SELECT o.name AS organization, o.locale, o.time_zone, coalesce(a.display_name, '') AS actor
FROM organizations o LEFT JOIN users a ON a.id = :actor
WHERE o.id = :tenant
