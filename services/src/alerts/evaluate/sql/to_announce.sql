-- A notice of what a stock-out keeps quiet waits until that is over, and calls for no announcement before.
SELECT t.tenant_id FROM ev_tenant t
WHERE EXISTS (SELECT 1 FROM alert_transitions x WHERE x.tenant_id = t.tenant_id AND x.announced_at IS NULL)
  OR EXISTS (
    SELECT 1 FROM alert_transitions x WHERE x.tenant_id = t.tenant_id AND x.notice IS NOT NULL AND x.noticed_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.tenant_id = x.tenant_id AND a.id = x.alert_id AND a.muted))
