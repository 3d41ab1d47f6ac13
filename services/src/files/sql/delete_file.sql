DELETE FROM files WHERE tenant_id = :tenant AND id = :id
