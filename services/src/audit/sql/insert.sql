INSERT INTO audit_events (tenant_id, id, at, actor_kind, actor_membership_id, impersonator_id, action, outcome, target_type, target_id,
  changes, operation, request_id, address, user_agent)
SELECT :tenant, r.id, :now, :kind, :membership, :impersonator, r.action, 'DONE', r.target_type, r.target_id,
  r.changes, :operation, :request, :address, :agent
FROM :rows(r: id uuid, action text, target_type text, target_id uuid, changes text)
