SELECT COUNT(*) FROM memberships m WHERE m.tenant_id = :tenant AND m.kind = 'SERVICE' AND m.status <> 'LEFT'
