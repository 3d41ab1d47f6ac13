SELECT i.tenant_id, i.id FROM invitations i WHERE i.token_hash = :hash
