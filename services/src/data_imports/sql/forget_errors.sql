DELETE FROM data_import_row_errors WHERE tenant_id = :tenant AND import_id = :import
