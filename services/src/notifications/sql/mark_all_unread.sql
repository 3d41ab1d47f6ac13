UPDATE notifications SET read_at = NULL
WHERE tenant_id = :tenant AND user_id = :user AND in_app AND read_at IS NOT NULL AND archived_at IS NULL
RETURNING id
