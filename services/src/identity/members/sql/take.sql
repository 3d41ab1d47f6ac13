DELETE FROM membership_roles WHERE tenant_id = :tenant AND membership_id = :member AND role_id :in(roles)
