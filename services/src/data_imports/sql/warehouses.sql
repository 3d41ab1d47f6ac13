-- The last row of a name is kept: a code goes before another warehouse's name, the very name before one that is folded alike. A
-- name that is not folded yet is found by itself.
SELECT f.wanted AS name, f.id FROM (
  SELECT r.name AS wanted, w.id, w.name, w.code FROM :rows(r: name text, name_key text)
  CROSS JOIN warehouses w WHERE w.tenant_id = :tenant AND (w.code = r.name OR w.name_key = r.name_key)
  UNION ALL
  SELECT r.name, w.id, w.name, w.code FROM :rows(r: name text, name_key text)
  CROSS JOIN warehouses w WHERE w.tenant_id = :tenant AND w.name_key = '' AND w.name = r.name) f
ORDER BY f.wanted, CASE WHEN f.code = f.wanted THEN 2 WHEN f.name = f.wanted THEN 1 ELSE 0 END, f.id
