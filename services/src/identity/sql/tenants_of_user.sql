SELECT m.tenant_id FROM memberships m WHERE m.user_id = :user AND m.status = 'ACTIVE' ORDER BY m.created_at, m.tenant_id
