UPDATE sessions SET revoked_at = :now, revoked_because = :because WHERE id = :id AND revoked_at IS NULL
