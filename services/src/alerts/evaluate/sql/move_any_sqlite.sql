UPDATE alert_marks SET after_id = :after WHERE id = :id AND tenant_id = (SELECT t.tenant_id FROM ev_tenant t)
