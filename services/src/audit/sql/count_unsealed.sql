SELECT count(*) FROM audit_events e
WHERE e.tenant_id = :tenant AND NOT EXISTS (SELECT 1 FROM audit_seals s WHERE s.tenant_id = e.tenant_id AND s.event_id = e.id)
