SELECT o.* FROM organizations o WHERE o.id = :tenant
