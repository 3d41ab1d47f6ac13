-- planned anew: the first import begins with empty tables.
-- What each stretch of a subject's time adds; stretches follow each other, so that all of them read its ledger once.
SELECT r.product_id, r.warehouse_id, r.occurred_at, CAST(COALESCE((
  SELECT SUM(m.quantity) FROM stock_movements m
  WHERE m.tenant_id = :tenant AND m.product_id = r.product_id AND m.warehouse_id = r.warehouse_id
    AND m.occurred_at > r.since AND m.occurred_at <= r.occurred_at), 0) AS bigint) AS added
FROM :rows(r: product_id uuid, warehouse_id uuid, since bigint, occurred_at bigint)
