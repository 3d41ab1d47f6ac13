SELECT COUNT(*) AS product_count,
  CAST(COALESCE(SUM(CASE WHEN s.available <= 0 THEN 1 ELSE 0 END), 0) AS bigint) AS stock_out_count,
  CAST(COALESCE(SUM(CASE WHEN s.available > 0 AND s.available <= s.reorder_point THEN 1 ELSE 0 END), 0) AS bigint) AS low_stock_count,
  CAST(COALESCE(SUM(s.on_hand * s.cost_price), 0) AS bigint) AS value_thousandths
FROM (
  SELECT p.id, p.reorder_point, p.cost_price, CAST(SUM(l.on_hand) AS bigint) AS on_hand, CAST(SUM(l.on_hand - l.reserved) AS bigint) AS available
  FROM products p LEFT JOIN stock_levels l ON l.tenant_id = p.tenant_id AND l.product_id = p.id
  WHERE p.tenant_id = :tenant AND p.archived_at IS NULL
  GROUP BY p.id, p.reorder_point, p.cost_price) s
