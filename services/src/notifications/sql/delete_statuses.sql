DELETE FROM whatsapp_statuses
WHERE message_sid IN (SELECT s.message_sid FROM whatsapp_statuses s WHERE s.received_at < :before LIMIT :most)
