INSERT INTO ev_product (tenant_id, product_id)
SELECT DISTINCT a.tenant_id, a.product_id FROM alerts a CROSS JOIN ev_tenant t
WHERE a.next_check_at <= :now AND t.tenant_id = a.tenant_id
  AND NOT EXISTS (SELECT 1 FROM ev_product w WHERE w.tenant_id = a.tenant_id AND w.product_id = a.product_id)
LIMIT :most
