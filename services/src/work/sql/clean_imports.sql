DELETE FROM data_imports WHERE (tenant_id, id) IN (
  SELECT t.tenant_id, t.id FROM data_imports t
  WHERE t.finished_at < :before AND (t.undo_state IS NULL OR t.undo_state NOT IN ('QUEUED', 'RUNNING')) LIMIT 1000
)
