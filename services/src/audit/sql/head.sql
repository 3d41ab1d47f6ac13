SELECT s.seq, s.hash, e.at FROM audit_seals s
LEFT JOIN audit_events e ON e.tenant_id = s.tenant_id AND e.id = s.event_id
WHERE s.tenant_id = :tenant ORDER BY s.seq DESC LIMIT 1
