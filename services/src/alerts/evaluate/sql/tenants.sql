-- 1: whose turn it is, the longest without one first, held until the commit; a second run over all steps aside. A tenant's
-- clock never goes back. Who has switched the stock off keeps their marks until it is on again.
INSERT INTO ev_tenant (tenant_id, at, today, from_day, cap, longest_window, each_warehouse)
SELECT t.tenant_id,
  GREATEST(:now, t.evaluated_at), GREATEST(z.today, t.evaluated_day), -- postgres
  MAX(:now, t.evaluated_at), MAX(z.today, t.evaluated_day), -- sqlite
  t.evaluated_day, 0, 0, false
FROM alert_tenants t
JOIN organizations o ON o.id = t.tenant_id
JOIN :rows(z: zone text, today bigint) ON z.zone = o.time_zone
WHERE (:one IS NULL OR t.tenant_id = :one) AND o.modules_off NOT LIKE '%INVENTORY%'
  AND (:every OR z.today > t.evaluated_day OR t.tenant_id IN (
    SELECT m.tenant_id FROM alert_marks m UNION SELECT a.tenant_id FROM alerts a WHERE a.next_check_at <= :now))
ORDER BY t.evaluated_at, t.tenant_id LIMIT :most
FOR UPDATE OF t SKIP LOCKED -- postgres
