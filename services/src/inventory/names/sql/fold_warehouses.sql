UPDATE warehouses SET name_key = r.name_key
FROM :rows(r: tenant_id uuid, id uuid, name text, name_key text)
WHERE warehouses.tenant_id = r.tenant_id AND warehouses.id = r.id AND warehouses.name = r.name AND warehouses.name_key = ''
