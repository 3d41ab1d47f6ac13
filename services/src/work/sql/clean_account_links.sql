DELETE FROM account_links WHERE id IN (
  SELECT l.id FROM account_links l WHERE l.expires_at < :before LIMIT 1000
)
