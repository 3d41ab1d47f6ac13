SELECT l.product_id, l.warehouse_id, l.on_hand
FROM :rows(r: product_id uuid, warehouse_id uuid)
JOIN stock_levels l ON l.tenant_id = :tenant AND l.product_id = r.product_id AND l.warehouse_id = r.warehouse_id
