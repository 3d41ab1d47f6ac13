SELECT h.role_id FROM memberships m JOIN membership_roles h ON h.tenant_id = m.tenant_id AND h.membership_id = m.id
WHERE m.tenant_id = :tenant AND m.id = :member AND m.status = 'ACTIVE'
