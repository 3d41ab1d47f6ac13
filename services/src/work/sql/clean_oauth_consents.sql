DELETE FROM oauth_consents WHERE (tenant_id, id) IN (
  SELECT s.tenant_id, s.id FROM oauth_consents s
  WHERE s.created_at < :before AND NOT EXISTS (SELECT 1 FROM oauth_grants q WHERE q.tenant_id = s.tenant_id AND q.consent_id = s.id)
  LIMIT 1000
)
