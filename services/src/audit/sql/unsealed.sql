-- Organisations with an unsealed event newer than the last that was sealed: two looks at keys for each that has none.
SELECT o.id AS tenant_id FROM organizations o
WHERE EXISTS (
  SELECT 1 FROM audit_events e
  WHERE e.tenant_id = o.id
    AND e.id > COALESCE((SELECT s.event_id FROM audit_seals s WHERE s.tenant_id = o.id ORDER BY s.seq DESC LIMIT 1), :none)
    AND NOT EXISTS (SELECT 1 FROM audit_seals t WHERE t.tenant_id = e.tenant_id AND t.event_id = e.id))
