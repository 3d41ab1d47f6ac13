INSERT INTO stock_movements (tenant_id, id, product_id, warehouse_id, kind, quantity, ordered_quantity, unit_cost, reason, reference,
  occurred_at, recorded_at, recorded_by, dedup_key, import_id)
SELECT :tenant, r.id, r.product_id, r.warehouse_id, r.kind, r.quantity, r.ordered_quantity, r.unit_cost, r.reason, r.reference,
  r.occurred_at, :now, :by, r.dedup_key, :import
FROM :rows(r: id uuid, product_id uuid, warehouse_id uuid, kind text, quantity bigint, ordered_quantity bigint, unit_cost bigint, reason text, reference text, occurred_at bigint, dedup_key text)
WHERE true
ON CONFLICT (tenant_id, dedup_key) WHERE dedup_key IS NOT NULL DO NOTHING
