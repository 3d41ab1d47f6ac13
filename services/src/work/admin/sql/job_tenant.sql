SELECT j.tenant_id FROM jobs j WHERE j.id = :id
