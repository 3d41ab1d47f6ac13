DELETE FROM spent_flows WHERE id IN (
  SELECT f.id FROM spent_flows f WHERE f.expires_at < :before LIMIT 1000
)
