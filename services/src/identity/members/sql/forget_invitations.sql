UPDATE invitations SET email = 'erased@erased.invalid', display_name = NULL, message = NULL,
  revoked_at = CASE WHEN accepted_at IS NULL THEN coalesce(revoked_at, :now) ELSE revoked_at END
WHERE tenant_id = :tenant AND email = :address
