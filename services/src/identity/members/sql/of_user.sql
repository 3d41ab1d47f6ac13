SELECT m.id FROM memberships m WHERE m.tenant_id = :tenant AND m.user_id = :user AND m.status = 'ACTIVE'
