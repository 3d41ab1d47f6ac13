SELECT a.kind, a.warehouse_id, COUNT(*) AS firing FROM alerts a
WHERE a.tenant_id = :tenant AND a.state = 'FIRING' AND a.state <> 'RESOLVED' AND NOT a.muted
GROUP BY a.kind, a.warehouse_id
