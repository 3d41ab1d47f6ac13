-- planned anew: the first import begins with empty tables.
-- At the instant of what they undo. Where fewer are written than asked for, somebody was faster.
INSERT INTO stock_movements (tenant_id, id, product_id, warehouse_id, kind, quantity, unit_cost, reason, reference,
  occurred_at, recorded_at, recorded_by, reverses_id, import_id)
SELECT :tenant, r.id, m.product_id, m.warehouse_id, m.kind, -m.quantity, m.unit_cost, :reason, m.reference,
  m.occurred_at, :now, :by, m.id, m.import_id
FROM :rows(r: id uuid, reverses_id uuid) CROSS JOIN stock_movements m
WHERE m.tenant_id = :tenant AND m.id = r.reverses_id
ORDER BY r.id
ON CONFLICT (tenant_id, reverses_id) WHERE reverses_id IS NOT NULL DO NOTHING
