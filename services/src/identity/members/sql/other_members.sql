SELECT COUNT(*) FROM memberships m WHERE m.tenant_id = :tenant AND m.id <> :member AND m.status = 'ACTIVE' AND m.kind = 'PERSON'
