SELECT w.code AS name, w.id FROM warehouses w WHERE w.tenant_id = :tenant AND w.code IS NOT NULL
