DELETE FROM oauth_consents WHERE tenant_id = :tenant AND id = :id
