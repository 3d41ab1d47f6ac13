SELECT m.id FROM memberships m WHERE m.user_id = :user AND m.tenant_id = :tenant AND m.status = 'ACTIVE'
