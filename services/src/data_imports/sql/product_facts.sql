-- planned anew: the first import begins with empty tables.
-- A look-up for each SKU, whatever a planner thinks of the table: CROSS JOIN keeps SQLite from reading all products first,
-- OFFSET 0 PostgreSQL.
SELECT p.id, p.sku, p.archived_at, u.decimals FROM :rows(r: sku text)
CROSS JOIN LATERAL (SELECT q.tenant_id, q.id, q.sku, q.archived_at, q.unit_id FROM products q WHERE q.tenant_id = :tenant AND q.sku = r.sku OFFSET 0) p -- postgres
CROSS JOIN products p -- sqlite
JOIN units u ON u.tenant_id = p.tenant_id AND u.id = p.unit_id
WHERE p.tenant_id = :tenant AND p.sku = r.sku
