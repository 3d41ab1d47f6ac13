SELECT s.status, s.error_code, s.error FROM whatsapp_statuses s WHERE s.message_sid = :sid
