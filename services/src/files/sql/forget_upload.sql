DELETE FROM file_uploads WHERE tenant_id = :tenant AND id = :id AND state <> 'COMPLETED'
