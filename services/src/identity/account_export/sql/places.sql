-- The organisations of a person, also those they left, with the names of their roles there; a shipped role says its key.
SELECT m.tenant_id, m.id AS membership_id, o.name, m.status, m.created_at AS joined_at, (
  SELECT string_agg(coalesce(r.key, r.name), ', ') FROM membership_roles h JOIN roles r ON r.tenant_id = h.tenant_id AND r.id = h.role_id
  WHERE h.tenant_id = m.tenant_id AND h.membership_id = m.id) AS roles
FROM memberships m JOIN organizations o ON o.id = m.tenant_id
WHERE m.user_id = :user ORDER BY m.created_at, m.tenant_id
