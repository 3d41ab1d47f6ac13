INSERT INTO categories (tenant_id, id, name, name_key, created_at)
SELECT :tenant, r.id, r.name, r.name_key, :now FROM :rows(r: id uuid, name text, name_key text) WHERE true ORDER BY r.name
ON CONFLICT DO NOTHING
