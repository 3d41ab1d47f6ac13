-- 6: what was pending and stopped was never more than a thought.
DELETE FROM alerts WHERE (tenant_id, id) IN (SELECT n.tenant_id, n.id FROM ev_next n WHERE n.state = 'NONE' AND NOT n.is_new)
