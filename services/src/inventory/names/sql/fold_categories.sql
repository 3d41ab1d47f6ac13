UPDATE categories SET name_key = r.name_key
FROM :rows(r: tenant_id uuid, id uuid, name text, name_key text)
WHERE categories.tenant_id = r.tenant_id AND categories.id = r.id AND categories.name = r.name AND categories.name_key = ''
