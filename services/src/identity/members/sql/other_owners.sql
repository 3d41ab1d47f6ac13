SELECT COUNT(*) FROM membership_roles h JOIN memberships m ON m.tenant_id = h.tenant_id AND m.id = h.membership_id
WHERE h.tenant_id = :tenant AND h.role_id = :owner AND h.membership_id <> :member AND m.status = 'ACTIVE' AND m.kind = 'PERSON'
