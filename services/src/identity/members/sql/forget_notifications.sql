DELETE FROM notifications WHERE tenant_id = :tenant AND user_id = :user
