-- Sales that were not undone; the undoing itself is none.
SELECT m.occurred_at, m.quantity, m.ordered_quantity FROM stock_movements m
WHERE m.tenant_id = :tenant AND m.product_id = :product AND m.kind = 'SALE' AND m.reverses_id IS NULL
AND NOT EXISTS (SELECT 1 FROM stock_movements r WHERE r.tenant_id = :tenant AND r.reverses_id = m.id)
