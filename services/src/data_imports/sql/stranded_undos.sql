SELECT i.tenant_id, i.id FROM data_imports i
WHERE i.undo_state IN ('QUEUED', 'RUNNING') AND NOT EXISTS (
  SELECT 1 FROM jobs j WHERE j.id = i.undo_job_id AND j.tenant_id = i.tenant_id AND j.state IN ('QUEUED', 'RUNNING'))
ORDER BY i.created_at LIMIT :most
