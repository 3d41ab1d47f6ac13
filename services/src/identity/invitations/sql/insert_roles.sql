INSERT INTO invitation_roles (tenant_id, id, invitation_id, role_id)
SELECT :tenant, x.id, :invitation, x.role FROM :rows(x: id uuid, role uuid)
