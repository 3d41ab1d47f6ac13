SELECT c.tenant_id, c.id, c.name, o.name AS organization, c.secret_hash IS NOT NULL AS confidential, c.redirect_uris, c.scopes
FROM oauth_clients c JOIN organizations o ON o.id = c.tenant_id
WHERE c.id = :id
