-- In the order everybody locks levels in.
SELECT l.id FROM stock_levels l WHERE l.tenant_id = :tenant AND l.product_id = :product ORDER BY l.warehouse_id
FOR UPDATE -- postgres
