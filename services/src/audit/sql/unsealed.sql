-- Organisations with an unsealed event newer than the last that was sealed: two looks at keys for each that has none. Asked for by
-- single values, or PostgreSQL makes one join of it all and reads the whole log.
SELECT o.id AS tenant_id FROM organizations o
WHERE (
  SELECT e.id FROM audit_events e
  WHERE e.tenant_id = o.id
    AND e.id > COALESCE((SELECT s.event_id FROM audit_seals s WHERE s.tenant_id = o.id ORDER BY s.seq DESC LIMIT 1), :none)
    AND (SELECT t.seq FROM audit_seals t WHERE t.tenant_id = e.tenant_id AND t.event_id = e.id) IS NULL
  ORDER BY e.id LIMIT 1) IS NOT NULL
