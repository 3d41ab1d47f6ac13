SELECT DISTINCT x.tenant_id FROM ev_tenant t JOIN alert_transitions x ON x.tenant_id = t.tenant_id
WHERE x.announced_at IS NULL OR x.notice IS NOT NULL AND x.noticed_at IS NULL
