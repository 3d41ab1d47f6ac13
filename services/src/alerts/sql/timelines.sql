-- Where each timeline begins is found in its index, without reading the steps before.
WITH begins AS MATERIALIZED (
  SELECT a.id, coalesce((
    SELECT y.alert_version FROM alert_transitions y WHERE y.tenant_id = :tenant AND y.alert_id = a.id
    ORDER BY y.alert_version DESC LIMIT 1 OFFSET :passed), 0) AS version
  FROM alerts a WHERE a.tenant_id = :tenant AND a.id :in(ids))
SELECT x.* FROM begins b CROSS JOIN alert_transitions x
WHERE x.tenant_id = :tenant AND x.alert_id = b.id AND x.alert_version >= b.version
ORDER BY x.alert_id, x.alert_version
