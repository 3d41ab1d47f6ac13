UPDATE suppliers SET name_key = r.name_key
FROM :rows(r: tenant_id uuid, id uuid, name text, name_key text)
WHERE suppliers.tenant_id = r.tenant_id AND suppliers.id = r.id AND suppliers.name = r.name AND suppliers.name_key = ''
