-- CROSS JOIN keeps SQLite from reading all products first, and the rows anew for each.
SELECT p.id, p.sku, p.archived_at, u.decimals FROM :rows(r: sku text)
CROSS JOIN products p
JOIN units u ON u.tenant_id = p.tenant_id AND u.id = p.unit_id
WHERE p.tenant_id = :tenant AND p.sku = r.sku
