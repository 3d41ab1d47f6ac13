SELECT i.email FROM invitations i WHERE i.tenant_id = :tenant AND i.id = :id
