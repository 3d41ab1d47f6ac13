DELETE FROM file_uploads WHERE tenant_id = :tenant AND file_id = :id
