SELECT o.name, o.policies FROM memberships m JOIN organizations o ON o.id = m.tenant_id
WHERE m.user_id = :user AND m.status = 'ACTIVE' ORDER BY o.name
