UPDATE alert_transitions SET announced_at = :now
WHERE alert_transitions.tenant_id = :tenant AND alert_transitions.announced_at IS NULL AND alert_transitions.id IN (
  SELECT x.id FROM alert_transitions x WHERE x.tenant_id = :tenant AND x.announced_at IS NULL
  ORDER BY x.occurred_at, x.alert_id, x.alert_version LIMIT :most
  FOR UPDATE -- postgres
)
RETURNING *
