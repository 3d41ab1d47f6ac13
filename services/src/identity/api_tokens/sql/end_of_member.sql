UPDATE api_tokens SET revoked_at = :now WHERE tenant_id = :tenant AND membership_id = :member AND revoked_at IS NULL
