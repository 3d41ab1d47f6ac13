-- planned anew: the first import begins with empty tables.
SELECT l.product_id, l.warehouse_id, l.on_hand
FROM :rows(r: product_id uuid, warehouse_id uuid) CROSS JOIN stock_levels l
WHERE l.tenant_id = :tenant AND l.product_id = r.product_id AND l.warehouse_id = r.warehouse_id
ORDER BY l.product_id, l.warehouse_id
FOR UPDATE OF l -- postgres
