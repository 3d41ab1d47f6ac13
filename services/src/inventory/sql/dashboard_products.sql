-- A product's value may exceed 64 bits, and SQLite knows no more: amount and price are taken apart by millions, and each part of
-- their product is summed by itself.
SELECT COUNT(*) AS product_count,
  CAST(COALESCE(SUM(CASE WHEN s.available <= 0 THEN 1 ELSE 0 END), 0) AS bigint) AS stock_out_count,
  CAST(COALESCE(SUM(CASE WHEN s.available > 0 AND s.available <= s.reorder_point THEN 1 ELSE 0 END), 0) AS bigint) AS low_stock_count,
  COALESCE(SUM(CAST(s.on_hand % 1000000 AS double precision) * (s.cost_price % 1000000)), 0.0) AS value_ones,
  COALESCE(SUM(CAST(s.on_hand % 1000000 AS double precision) * (s.cost_price / 1000000)
    + CAST(s.on_hand / 1000000 AS double precision) * (s.cost_price % 1000000)), 0.0) AS value_millions,
  COALESCE(SUM(CAST(s.on_hand / 1000000 AS double precision) * (s.cost_price / 1000000)), 0.0) AS value_billions
FROM (
  SELECT p.id, p.reorder_point, p.cost_price, CAST(SUM(l.on_hand) AS bigint) AS on_hand, CAST(SUM(l.on_hand - l.reserved) AS bigint) AS available
  FROM products p LEFT JOIN stock_levels l ON l.tenant_id = p.tenant_id AND l.product_id = p.id
  WHERE p.tenant_id = :tenant AND p.archived_at IS NULL
  GROUP BY p.id, p.reorder_point, p.cost_price) s
