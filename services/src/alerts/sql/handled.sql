INSERT INTO alert_transitions (tenant_id, id, alert_id, alert_version, from_state, to_state, value_n, value_d, threshold,
  by_membership_id, note, occurred_at, announced_at)
SELECT :tenant, r.id, r.alert_id, a.version, r.from_state, a.state, a.value_n, a.value_d, a.threshold, :by, :note, :now, :now
FROM :rows(r: id uuid, alert_id uuid, from_state text) JOIN alerts a ON a.tenant_id = :tenant AND a.id = r.alert_id
