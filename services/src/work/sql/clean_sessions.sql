DELETE FROM sessions WHERE (id) IN (
  SELECT t.id FROM sessions t WHERE t.expires_at < :before LIMIT 1000
)
