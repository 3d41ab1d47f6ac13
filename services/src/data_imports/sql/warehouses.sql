-- A code goes before another warehouse's name: the last row of a name is kept.
SELECT r.name, w.id FROM :rows(r: name text)
CROSS JOIN warehouses w WHERE w.tenant_id = :tenant AND (w.code = r.name OR w.name = r.name)
ORDER BY r.name, CASE WHEN w.code = r.name THEN 1 ELSE 0 END
