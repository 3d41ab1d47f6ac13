SELECT d.* FROM notification_deliveries d
JOIN notifications n ON n.tenant_id = d.tenant_id AND n.id = d.notification_id
WHERE d.tenant_id = :tenant AND d.notification_id :in(notifications) AND n.user_id = :user
ORDER BY d.notification_id, d.created_at, d.channel, d.id
