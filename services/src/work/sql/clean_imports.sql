DELETE FROM data_imports WHERE (tenant_id, id) IN (
  SELECT t.tenant_id, t.id FROM data_imports t WHERE t.finished_at < :before LIMIT 1000
)
