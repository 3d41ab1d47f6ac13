SELECT a.* FROM alerts a WHERE a.tenant_id = :tenant AND a.id :in(ids) ORDER BY a.id
FOR UPDATE -- postgres
