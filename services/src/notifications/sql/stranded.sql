SELECT d.tenant_id, d.id FROM notification_deliveries d
WHERE d.state = 'QUEUED' AND d.created_at < :before
ORDER BY d.created_at LIMIT :most
