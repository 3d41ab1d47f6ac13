-- 2: the products to look at. Marks go exactly as seen, in the statement that reads them; all else is read by later
-- statements, so it is never older than the marks taken here.
WITH m AS (
  DELETE FROM alert_marks d USING ev_tenant t WHERE d.tenant_id = t.tenant_id RETURNING d.tenant_id, d.product_id)
INSERT INTO ev_product (tenant_id, product_id)
SELECT m.tenant_id, m.product_id FROM m WHERE m.product_id <> :any
UNION
SELECT p.tenant_id, p.id FROM (SELECT DISTINCT m.tenant_id FROM m WHERE m.product_id = :any) w
JOIN products p ON p.tenant_id = w.tenant_id
ORDER BY 1, 2
