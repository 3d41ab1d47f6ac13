UPDATE api_tokens SET revoked_at = :now
WHERE revoked_at IS NULL AND EXISTS (
  SELECT 1 FROM memberships m WHERE m.tenant_id = api_tokens.tenant_id AND m.id = api_tokens.membership_id AND m.user_id = :user)
