-- planned anew: the first import begins with empty tables.
-- The newest first, each with whether it stands: a reverse does not, nor does what has one.
SELECT m.id, m.product_id, m.warehouse_id, m.kind, m.quantity, m.ordered_quantity, m.occurred_at,
  m.reverses_id IS NULL AND (
    SELECT 1 FROM stock_movements v WHERE v.tenant_id = :tenant AND v.reverses_id = m.id AND v.reverses_id IS NOT NULL) IS NULL AS stands
FROM stock_movements m
WHERE m.tenant_id = :tenant AND m.import_id = :import AND m.import_id IS NOT NULL AND m.id < :before
ORDER BY m.id DESC LIMIT :most
