-- Of statuses in any order the one that says most is kept.
INSERT INTO whatsapp_statuses (message_sid, status, error_code, error, received_at) VALUES (:sid, :status, :code, :error, :now)
ON CONFLICT (message_sid) DO UPDATE
SET status = excluded.status, error_code = excluded.error_code, error = excluded.error, received_at = excluded.received_at
WHERE CASE excluded.status WHEN 'sent' THEN 0 WHEN 'partially_delivered' THEN 1 WHEN 'delivered' THEN 1 WHEN 'read' THEN 2 ELSE 3 END
  > CASE whatsapp_statuses.status WHEN 'sent' THEN 0 WHEN 'partially_delivered' THEN 1 WHEN 'delivered' THEN 1 WHEN 'read' THEN 2 ELSE 3 END
