SELECT p.id FROM :rows(r: sku text) JOIN products p ON p.tenant_id = :tenant AND p.sku = r.sku
