-- `+ 0`: few are wanted, by their ids; nobody is to go through all of them in the order of an index.
SELECT a.id, a.kind, a.state, a.severity, a.muted, a.resolution, a.rule_id, a.product_id, a.warehouse_id, a.value_n, a.value_d,
  a.threshold, p.name AS product, u.code AS unit, w.name AS warehouse
FROM alerts a
JOIN products p ON p.tenant_id = a.tenant_id AND p.id = a.product_id
JOIN units u ON u.tenant_id = p.tenant_id AND u.id = p.unit_id
LEFT JOIN warehouses w ON w.tenant_id = a.tenant_id AND w.id = a.warehouse_id
WHERE a.tenant_id = :tenant AND a.id :in(ids)
ORDER BY a.severity + 0 DESC, p.name_key, a.id
