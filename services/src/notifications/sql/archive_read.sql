UPDATE notifications SET archived_at = :now
WHERE (tenant_id, id) IN (
  SELECT n.tenant_id, n.id FROM notifications n WHERE n.archived_at IS NULL AND n.read_at < :before LIMIT :most)
