DELETE FROM ev_tenant
