-- 2: the products to look at, and whether their stock may call for a new alert. Marks go exactly as seen, in the statement
-- that reads them; all else is read by later statements, so it is never older than the marks taken here.
WITH m AS (
  DELETE FROM alert_marks d USING ev_tenant t WHERE d.tenant_id = t.tenant_id RETURNING d.tenant_id, d.product_id, d.rose)
INSERT INTO ev_product (tenant_id, product_id, may_begin)
SELECT DISTINCT ON (c.product_id, c.tenant_id) c.tenant_id, c.product_id, NOT c.rose
FROM (
  SELECT m.tenant_id, m.product_id, m.rose FROM m WHERE m.product_id <> :any
  UNION ALL
  SELECT p.tenant_id, p.id, false FROM (SELECT DISTINCT m.tenant_id FROM m WHERE m.product_id = :any) w
  JOIN products p ON p.tenant_id = w.tenant_id) c
ORDER BY c.product_id, c.tenant_id, c.rose
