UPDATE sessions SET proved_at = :now WHERE id = :session AND revoked_at IS NULL
