UPDATE notifications SET read_at = :now
WHERE tenant_id = :tenant AND user_id = :user AND in_app AND id :in(ids) AND read_at IS NULL
RETURNING id
