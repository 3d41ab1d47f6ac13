UPDATE sessions SET revoked_at = :now, revoked_because = :because WHERE user_id = :user AND revoked_at IS NULL
