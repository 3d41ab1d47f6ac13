SELECT o.id FROM organizations o WHERE o.id = :tenant
FOR NO KEY UPDATE -- postgres
