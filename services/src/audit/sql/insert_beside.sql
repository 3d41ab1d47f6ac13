INSERT INTO audit_events (tenant_id, id, at, actor_kind, actor_membership_id, impersonator_id, action, outcome, target_type, target_id,
  changes, operation, request_id, address, user_agent)
SELECT r.tenant_id, r.id, :now, CASE WHEN r.user_id IS NULL THEN 'SYSTEM' ELSE 'USER' END,
  (SELECT m.id FROM memberships m WHERE m.tenant_id = r.tenant_id AND m.user_id = r.user_id),
  NULL, r.action, 'DONE', r.target_type, r.target_id, r.changes, :operation, :request, :address, :agent
FROM :rows(r: id uuid, action text, target_type text, target_id uuid, changes text, tenant_id uuid, user_id uuid)
