-- Invitations that the person accepted, and those of an address that is theirs, in every organisation.
UPDATE invitations SET email = 'erased@erased.invalid', display_name = NULL, message = NULL,
  revoked_at = CASE WHEN accepted_at IS NULL THEN coalesce(revoked_at, :now) ELSE revoked_at END
WHERE email = :address AND :theirs
OR accepted_by IN (SELECT m.id FROM memberships m WHERE m.user_id = :user AND m.tenant_id = invitations.tenant_id)
