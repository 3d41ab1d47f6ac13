SELECT x.tenant_id FROM alert_transitions x WHERE x.announced_at IS NULL AND (:one IS NULL OR x.tenant_id = :one)
UNION
SELECT x.tenant_id FROM alert_transitions x
WHERE x.notice IS NOT NULL AND x.noticed_at IS NULL AND (:one IS NULL OR x.tenant_id = :one)
  AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.tenant_id = x.tenant_id AND a.id = x.alert_id AND a.muted)
