DELETE FROM notifications
WHERE (tenant_id, id) IN (SELECT n.tenant_id, n.id FROM notifications n WHERE n.created_at < :before LIMIT :most)
