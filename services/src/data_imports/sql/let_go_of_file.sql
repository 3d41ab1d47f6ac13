UPDATE data_imports SET file_id = NULL WHERE tenant_id = :tenant AND file_id = :file
