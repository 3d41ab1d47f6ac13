SELECT CAST(1 AS bigint) FROM stock_movements m WHERE m.tenant_id = :tenant AND m.import_id = :import AND m.import_id IS NOT NULL LIMIT 1
