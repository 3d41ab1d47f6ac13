SELECT COUNT(*) FROM api_tokens t WHERE t.tenant_id = :tenant AND t.membership_id = :member AND t.revoked_at IS NULL AND t.expires_at > :now
