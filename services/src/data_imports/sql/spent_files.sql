SELECT f.tenant_id, f.id, f.sha256 FROM files f
WHERE f.purpose = 'IMPORT' AND f.created_at < :before AND NOT EXISTS (
  SELECT 1 FROM data_imports i
  WHERE i.tenant_id = f.tenant_id AND i.file_id = f.id AND (i.finished_at IS NULL OR i.finished_at >= :before))
ORDER BY f.created_at LIMIT :most
