-- One at the top goes before one below another: the last row of a name is kept.
SELECT r.name, c.id FROM :rows(r: name text)
CROSS JOIN categories c WHERE c.tenant_id = :tenant AND c.name = r.name
ORDER BY r.name, CASE WHEN c.parent_id IS NULL THEN 1 ELSE 0 END, c.id
