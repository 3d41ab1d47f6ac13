SELECT t.tenant_id FROM alert_tenants t ORDER BY t.tenant_id
