SELECT h.role_id FROM membership_roles h WHERE h.tenant_id = :tenant AND h.membership_id = :member
