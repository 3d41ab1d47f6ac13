SELECT s.tenant_id, s.seq, s.hash FROM organizations o
JOIN audit_seals s ON s.tenant_id = o.id AND s.seq = (SELECT max(t.seq) FROM audit_seals t WHERE t.tenant_id = o.id)
ORDER BY s.tenant_id
