INSERT INTO whatsapp_inbound (message_sid, phone, received_at) VALUES (:sid, :phone, :now) ON CONFLICT DO NOTHING
