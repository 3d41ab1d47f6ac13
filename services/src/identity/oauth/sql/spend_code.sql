UPDATE oauth_codes SET used_at = :now WHERE tenant_id = :tenant AND id = :id AND used_at IS NULL
