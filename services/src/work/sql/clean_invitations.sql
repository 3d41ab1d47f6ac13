DELETE FROM invitations WHERE (tenant_id, id) IN (
  SELECT t.tenant_id, t.id FROM invitations t WHERE t.expires_at < :before LIMIT 1000
)
