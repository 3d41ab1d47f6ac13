-- The last row of a name is kept: the very name goes before one that is folded alike. A name that is not folded yet is found by itself.
SELECT f.wanted AS name, f.id FROM (
  SELECT r.name AS wanted, s.id, s.name FROM :rows(r: name text, name_key text)
  CROSS JOIN suppliers s WHERE s.tenant_id = :tenant AND s.name_key = r.name_key
  UNION ALL
  SELECT r.name, s.id, s.name FROM :rows(r: name text, name_key text)
  CROSS JOIN suppliers s WHERE s.tenant_id = :tenant AND s.name_key = '' AND s.name = r.name) f
ORDER BY f.wanted, CASE WHEN f.name = f.wanted THEN 1 ELSE 0 END, f.id
