INSERT INTO data_import_row_errors (tenant_id, id, import_id, line, column_name, code, message)
SELECT :tenant, r.id, :import, r.line, r.column_name, r.code, r.message
FROM :rows(r: id uuid, line bigint, column_name text, code text, message text)
