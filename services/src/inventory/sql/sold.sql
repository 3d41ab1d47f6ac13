SELECT d.product_id, CAST(SUM(d.delivered) AS bigint) AS delivered,
  -- Of each warehouse the first in the index, rather than all movements of the product.
  (SELECT MIN((SELECT MIN(m.occurred_at) FROM stock_movements m
      WHERE m.tenant_id = l.tenant_id AND m.product_id = l.product_id AND m.warehouse_id = l.warehouse_id))
    FROM stock_levels l WHERE l.tenant_id = :tenant AND l.product_id = d.product_id) AS first_moved_at
FROM service_days d
WHERE d.tenant_id = :tenant AND d.product_id :in(products) AND d.day > :after AND d.day <= :today
GROUP BY d.product_id
