SELECT m.tenant_id, m.id FROM memberships m WHERE m.user_id = :user ORDER BY m.tenant_id
