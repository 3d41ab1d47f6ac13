-- The seal is looked for event by event, in the order of the key, so that what is read is what came lately and not the log.
SELECT e.id, e.at, e.actor_kind, e.actor_membership_id, e.impersonator_id, e.action, e.outcome, e.target_type, e.target_id, e.changes,
  e.operation, e.request_id, e.address, e.user_agent
FROM audit_events e
WHERE e.tenant_id = :tenant AND e.id > :from
  AND (SELECT s.seq FROM audit_seals s WHERE s.tenant_id = e.tenant_id AND s.event_id = e.id) IS NULL
ORDER BY e.id LIMIT :most
