UPDATE sessions SET revoked_at = :now, revoked_because = :because WHERE user_id = :user AND tenant_id = :tenant AND revoked_at IS NULL
