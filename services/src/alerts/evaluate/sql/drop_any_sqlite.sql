DELETE FROM alert_marks WHERE id = :id AND tenant_id = (SELECT t.tenant_id FROM ev_tenant t)
