INSERT INTO audit_events (tenant_id, id, at, actor_kind, actor_membership_id, action, outcome, changes, operation, request_id, address, user_agent)
SELECT :tenant, :id, :now, :kind, :membership, :action, 'DENIED', :changes, :operation, :request, :address, :agent
WHERE NOT EXISTS (
  SELECT 1 FROM audit_events e
  WHERE e.tenant_id = :tenant AND e.id > :from AND e.at > :since
    AND e.actor_membership_id = :membership AND e.action = :action AND e.outcome = 'DENIED')
