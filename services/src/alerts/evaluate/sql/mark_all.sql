INSERT INTO alert_marks (tenant_id, product_id)
SELECT t.tenant_id, :any FROM alert_tenants t WHERE :one IS NULL OR t.tenant_id = :one
