-- To pending is told to nobody, for it may end without a trace.
INSERT INTO alert_transitions (tenant_id, id, alert_id, alert_version, from_state, to_state, notice, value_n, value_d, threshold, occurred_at,
  announced_at)
SELECT n.tenant_id,
  CAST(:id_head || substr(replace(CAST(gen_random_uuid() AS text), '-', ''), 14) AS uuid), -- postgres
  unhex(:id_head || substr(hex(randomblob(2)), 2) || '8' || substr(hex(randomblob(8)), 2)), -- sqlite
  n.id, a.version, NULLIF(n.old_state, 'NONE'), n.state, n.notice, n.value_n, n.value_d, n.threshold, n.at,
  CASE WHEN n.state = 'PENDING' THEN n.at END
FROM ev_next n
CROSS JOIN alerts a -- sqlite
CROSS JOIN LATERAL (SELECT * FROM alerts a WHERE a.tenant_id = n.tenant_id AND a.id = n.id OFFSET 0) a -- postgres
WHERE a.tenant_id = n.tenant_id AND a.id = n.id AND a.last_run = :run AND (n.state <> n.old_state OR n.notice IS NOT NULL)
