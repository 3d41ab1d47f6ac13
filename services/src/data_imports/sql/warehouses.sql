-- The last row of a name is kept: a code goes before another warehouse's name, the very name before one that is folded alike.
SELECT r.name, w.id FROM :rows(r: name text, name_key text)
CROSS JOIN warehouses w WHERE w.tenant_id = :tenant AND (w.code = r.name OR w.name_key = r.name_key)
ORDER BY r.name, CASE WHEN w.code = r.name THEN 2 WHEN w.name = r.name THEN 1 ELSE 0 END, w.id
