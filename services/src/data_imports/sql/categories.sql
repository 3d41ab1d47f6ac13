-- The last row of a name is kept: the very name goes before one that is folded alike, then one at the top before one below another.
SELECT r.name, c.id FROM :rows(r: name text, name_key text)
CROSS JOIN categories c WHERE c.tenant_id = :tenant AND c.name_key = r.name_key
ORDER BY r.name, CASE WHEN c.name = r.name THEN 1 ELSE 0 END, CASE WHEN c.parent_id IS NULL THEN 1 ELSE 0 END, c.id
