INSERT INTO categories (tenant_id, id, name, created_at)
SELECT :tenant, r.id, r.name, :now FROM :rows(r: id uuid, name text) WHERE true ORDER BY r.name
ON CONFLICT DO NOTHING
