SELECT COUNT(*) FROM alerts a
WHERE a.tenant_id = :tenant AND a.state <> 'RESOLVED' AND a.state IN ('FIRING', 'ACKNOWLEDGED', 'SNOOZED')
