INSERT INTO security_events (id, user_id, kind, detail, address, user_agent, at)
VALUES (:id, :user, :kind, :detail, :address, :agent, :now)
