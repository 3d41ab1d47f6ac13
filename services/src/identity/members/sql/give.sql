INSERT INTO membership_roles (tenant_id, id, membership_id, role_id)
SELECT :tenant, x.id, :member, x.role FROM :rows(x: id uuid, role uuid) WHERE true
ON CONFLICT DO NOTHING
