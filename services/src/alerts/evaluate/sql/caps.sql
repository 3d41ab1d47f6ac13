-- 3: no product above its tenant's cap can be low or out. After 2, not before: a rule raised in between must count.
UPDATE ev_tenant SET
  cap = GREATEST(0, -- postgres
  cap = MAX(0, -- sqlite
    coalesce((SELECT MAX(r.threshold) FROM ev_rule r WHERE r.tenant_id = ev_tenant.tenant_id AND r.kind = 'LOW_STOCK'), 0),
    coalesce((SELECT MAX(p.reorder_point) FROM products p WHERE p.tenant_id = ev_tenant.tenant_id), 0)),
  longest_window = coalesce((SELECT MAX(r.window_days) FROM ev_rule r WHERE r.tenant_id = ev_tenant.tenant_id), 0),
  each_warehouse = EXISTS (SELECT 1 FROM ev_rule r WHERE r.tenant_id = ev_tenant.tenant_id AND r.per_warehouse)
