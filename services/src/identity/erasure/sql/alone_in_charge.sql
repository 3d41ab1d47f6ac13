-- Organisations with other active members whose only active owner the person is.
SELECT o.name FROM memberships m
JOIN membership_roles h ON h.tenant_id = m.tenant_id AND h.membership_id = m.id
JOIN roles r ON r.tenant_id = h.tenant_id AND r.id = h.role_id AND r.key = :owner
JOIN organizations o ON o.id = m.tenant_id
WHERE m.user_id = :user AND m.status = 'ACTIVE'
AND EXISTS (SELECT 1 FROM memberships c WHERE c.tenant_id = m.tenant_id AND c.id <> m.id AND c.status = 'ACTIVE' AND c.kind = 'PERSON')
AND NOT EXISTS (
  SELECT 1 FROM membership_roles oh JOIN memberships om ON om.tenant_id = oh.tenant_id AND om.id = oh.membership_id
  WHERE oh.tenant_id = m.tenant_id AND oh.role_id = r.id AND om.id <> m.id AND om.status = 'ACTIVE' AND om.kind = 'PERSON')
ORDER BY o.name
