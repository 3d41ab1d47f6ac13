UPDATE memberships SET status = 'SUSPENDED', version = version + 1, updated_at = :now
WHERE tenant_id = :tenant AND kind = 'SERVICE' AND status = 'ACTIVE'
