SELECT c.tenant_id, c.id, c.membership_id, m.status, c.secret_hash, c.redirect_uris <> '' AS asks_people, c.scopes
FROM oauth_clients c LEFT JOIN memberships m ON m.tenant_id = c.tenant_id AND m.id = c.membership_id
WHERE c.id = :id
