SELECT p.id, p.sku, p.archived_at, u.decimals FROM :rows(r: sku text)
JOIN products p ON p.tenant_id = :tenant AND p.sku = r.sku
JOIN units u ON u.tenant_id = p.tenant_id AND u.id = p.unit_id
