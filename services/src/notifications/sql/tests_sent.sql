SELECT COUNT(*) FROM notifications n
WHERE n.tenant_id = :tenant AND n.user_id = :user AND n.key = 'notification-test' AND n.created_at > :since
