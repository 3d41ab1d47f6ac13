INSERT INTO role_grants (tenant_id, id, role_id, permission, reach)
SELECT :tenant, g.id, :role, g.permission, g.reach FROM :rows(g: id uuid, permission text, reach text)
