SELECT COUNT(*) FROM ev_tenant
