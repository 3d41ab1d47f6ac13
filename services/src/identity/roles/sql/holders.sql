SELECT COUNT(*) FROM membership_roles h WHERE h.tenant_id = :tenant AND h.role_id = :role
