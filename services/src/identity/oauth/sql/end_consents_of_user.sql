DELETE FROM oauth_consents WHERE EXISTS (
  SELECT 1 FROM memberships m
  WHERE m.tenant_id = oauth_consents.tenant_id AND m.id = oauth_consents.membership_id AND m.user_id = :user)
