-- What a stock-out keeps quiet waits with it: nobody has been told, and whoever hears it is over hears this.
UPDATE alert_transitions SET noticed_at = :now
WHERE alert_transitions.tenant_id = :tenant AND alert_transitions.noticed_at IS NULL AND alert_transitions.id IN (
  SELECT x.id FROM alert_transitions x WHERE x.tenant_id = :tenant AND x.notice IS NOT NULL AND x.noticed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.tenant_id = :tenant AND a.id = x.alert_id AND a.muted)
  ORDER BY x.occurred_at, x.alert_id, x.alert_version
  FOR UPDATE -- postgres
)
RETURNING alert_id, notice
