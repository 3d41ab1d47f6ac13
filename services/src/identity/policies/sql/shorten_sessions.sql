UPDATE sessions SET expires_at = created_at + :life
WHERE tenant_id = :tenant AND revoked_at IS NULL AND expires_at > created_at + :life
