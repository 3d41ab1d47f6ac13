-- The last row of a name is kept: the very name goes before one that is folded alike, then one at the top before one below another.
-- A name that is not folded yet is found by itself.
SELECT f.wanted AS name, f.id FROM (
  SELECT r.name AS wanted, c.id, c.name, c.parent_id FROM :rows(r: name text, name_key text)
  CROSS JOIN categories c WHERE c.tenant_id = :tenant AND c.name_key = r.name_key
  UNION ALL
  SELECT r.name, c.id, c.name, c.parent_id FROM :rows(r: name text, name_key text)
  CROSS JOIN categories c WHERE c.tenant_id = :tenant AND c.name_key = '' AND c.name = r.name) f
ORDER BY f.wanted, CASE WHEN f.name = f.wanted THEN 1 ELSE 0 END, CASE WHEN f.parent_id IS NULL THEN 1 ELSE 0 END, f.id
