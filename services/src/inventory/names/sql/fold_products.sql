UPDATE products SET name_key = r.name_key
FROM :rows(r: tenant_id uuid, id uuid, name text, name_key text)
WHERE products.tenant_id = r.tenant_id AND products.id = r.id AND products.name = r.name AND products.name_key = ''
