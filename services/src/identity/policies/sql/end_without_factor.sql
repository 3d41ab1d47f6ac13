UPDATE sessions SET revoked_at = :now, revoked_because = :because
WHERE tenant_id = :tenant AND revoked_at IS NULL
AND NOT EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = sessions.user_id AND f.confirmed_at IS NOT NULL)
