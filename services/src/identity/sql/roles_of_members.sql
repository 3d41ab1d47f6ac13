SELECT h.membership_id, r.* FROM membership_roles h JOIN roles r ON r.tenant_id = h.tenant_id AND r.id = h.role_id
WHERE h.tenant_id = :tenant AND h.membership_id :in(ids) ORDER BY r.created_at, r.id
