SELECT a.kind, a.warehouse_id, COUNT(*) AS open, COUNT(*) FILTER (WHERE a.state = 'FIRING') AS firing FROM alerts a
WHERE a.tenant_id = :tenant AND a.state IN ('FIRING', 'ACKNOWLEDGED', 'SNOOZED') AND a.state <> 'RESOLVED' AND NOT a.muted
GROUP BY a.kind, a.warehouse_id
