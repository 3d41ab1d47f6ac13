-- The last row of a name is kept: the very name goes before one that is folded alike.
SELECT r.name, s.id FROM :rows(r: name text, name_key text)
CROSS JOIN suppliers s WHERE s.tenant_id = :tenant AND s.name_key = r.name_key
ORDER BY r.name, CASE WHEN s.name = r.name THEN 1 ELSE 0 END, s.id
