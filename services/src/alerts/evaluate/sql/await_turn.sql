-- 0: an organisation that was asked for by name is waited for, where a run over all of them would pass it by.
SELECT t.tenant_id FROM alert_tenants t WHERE t.tenant_id = :one FOR UPDATE
