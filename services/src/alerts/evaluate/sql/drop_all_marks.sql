DELETE FROM alert_marks WHERE tenant_id IN (SELECT t.tenant_id FROM ev_tenant t)
