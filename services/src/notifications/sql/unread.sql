SELECT COUNT(*) FROM notifications n
WHERE n.tenant_id = :tenant AND n.user_id = :user AND n.in_app AND n.read_at IS NULL AND n.archived_at IS NULL
