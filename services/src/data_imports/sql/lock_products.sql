-- planned anew: the first import begins with empty tables.
SELECT p.id FROM :rows(r: sku text) CROSS JOIN products p WHERE p.tenant_id = :tenant AND p.sku = r.sku
ORDER BY p.id
FOR UPDATE OF p -- postgres
