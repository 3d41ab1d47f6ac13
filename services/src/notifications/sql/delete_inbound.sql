DELETE FROM whatsapp_inbound
WHERE message_sid IN (SELECT w.message_sid FROM whatsapp_inbound w WHERE w.received_at < :before LIMIT :most)
