DELETE FROM role_grants WHERE tenant_id = :tenant AND role_id = :role
