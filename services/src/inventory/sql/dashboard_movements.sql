SELECT COUNT(*) FROM stock_movements m WHERE m.tenant_id = :tenant AND m.occurred_at > :since AND :reach(m.recorded_by)
