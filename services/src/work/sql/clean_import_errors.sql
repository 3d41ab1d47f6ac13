DELETE FROM data_import_row_errors WHERE (tenant_id, id) IN (
  SELECT t.tenant_id, t.id FROM data_imports i JOIN data_import_row_errors t ON t.tenant_id = i.tenant_id AND t.import_id = i.id
  WHERE i.finished_at < :before LIMIT 1000
)
