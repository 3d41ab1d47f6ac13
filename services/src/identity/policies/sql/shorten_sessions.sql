UPDATE sessions SET expires_at = began_at + :life
WHERE tenant_id = :tenant AND revoked_at IS NULL AND expires_at > began_at + :life
