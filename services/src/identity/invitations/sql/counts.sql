SELECT
  CAST(coalesce(SUM(CASE WHEN i.accepted_at IS NULL AND i.revoked_at IS NULL THEN 1 ELSE 0 END), 0) AS bigint) AS pending,
  CAST(coalesce(SUM(CASE WHEN i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.email = :email AND i.id <> :but THEN 1 ELSE 0 END), 0) AS bigint) AS waiting,
  CAST(coalesce(SUM(CASE WHEN i.sent_at > :day THEN i.letters ELSE 0 END), 0) AS bigint) AS letters,
  CAST(coalesce(SUM(CASE WHEN i.sent_at > :day AND i.email = :email THEN i.letters ELSE 0 END), 0) AS bigint) AS letters_there,
  (SELECT COUNT(*) FROM memberships m JOIN users u ON u.id = m.user_id
   WHERE m.tenant_id = :tenant AND u.email = :email AND m.status IN ('ACTIVE', 'SUSPENDED')) AS members
FROM invitations i WHERE i.tenant_id = :tenant AND i.sent_at > :week
