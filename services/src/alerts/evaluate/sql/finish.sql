UPDATE alert_tenants SET evaluated_at = t.at, evaluated_day = t.today FROM ev_tenant t WHERE t.tenant_id = alert_tenants.tenant_id
