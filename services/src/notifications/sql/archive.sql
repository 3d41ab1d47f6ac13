UPDATE notifications SET archived_at = :now
WHERE tenant_id = :tenant AND user_id = :user AND in_app AND id = :id AND archived_at IS NULL
