SELECT r.sid FROM :rows(r: sid text) JOIN notification_deliveries d ON d.provider_message_id = r.sid
