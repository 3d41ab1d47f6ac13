SELECT r.id FROM roles r WHERE r.tenant_id = :tenant AND r.key = :owner
FOR UPDATE -- postgres
