SELECT m.tenant_id, o.policies FROM memberships m JOIN organizations o ON o.id = m.tenant_id
WHERE m.user_id = :user AND m.status = 'ACTIVE' ORDER BY m.created_at, m.tenant_id
