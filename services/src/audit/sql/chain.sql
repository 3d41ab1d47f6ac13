SELECT s.seq, s.event_id AS sealed_id, s.prev_hash, s.hash,
  e.id, e.at, e.actor_kind, e.actor_membership_id, e.impersonator_id, e.action, e.outcome, e.target_type, e.target_id, e.changes,
  e.operation, e.request_id, e.address, e.user_agent
FROM audit_seals s LEFT JOIN audit_events e ON e.tenant_id = s.tenant_id AND e.id = s.event_id
WHERE s.tenant_id = :tenant AND s.seq > :after ORDER BY s.seq LIMIT :most
