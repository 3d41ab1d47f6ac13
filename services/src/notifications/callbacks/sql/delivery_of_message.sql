SELECT d.tenant_id, d.id FROM notification_deliveries d WHERE d.provider_message_id = :sid
