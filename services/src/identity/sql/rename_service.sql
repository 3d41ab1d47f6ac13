UPDATE users SET display_name = :name, version = version + 1, updated_at = :now
WHERE id IN (SELECT m.user_id FROM memberships m WHERE m.tenant_id = :tenant AND m.id = :id AND m.kind = 'SERVICE')
