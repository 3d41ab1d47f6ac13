UPDATE sessions SET revoked_at = :now, revoked_because = :because WHERE user_id = :user AND id <> :kept AND revoked_at IS NULL
