-- Without a rule nothing is judged, and what the last one looked at stays.
-- Whoever changed the alert since it was read wins; the mark of their change brings the next run.
UPDATE alerts SET state = n.state, severity = n.severity, rule_id = n.rule_id, rule_version = n.rule_version, value_n = n.value_n,
  value_d = n.value_d, threshold = n.threshold, service_level = coalesce(n.service_level, alerts.service_level), window_days =
  coalesce(n.window_days, alerts.window_days), pending_since = n.pending_since, fired_at = n.fired_at, clear_since = n.clear_since,
  quiet_until = n.quiet_until, muted = n.muted, notified_at = n.notified_at, resolved_at = n.resolved_at, resolution = n.resolution,
  next_check_at = n.next_check_at, version = alerts.version + 1, last_run = :run
FROM ev_next n
WHERE alerts.tenant_id = n.tenant_id AND alerts.id = n.id AND NOT n.is_new AND n.state <> 'NONE' AND alerts.version = n.old_version
