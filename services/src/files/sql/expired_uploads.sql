SELECT u.tenant_id, u.id, u.received_sha256 FROM file_uploads u
WHERE u.state <> 'COMPLETED' AND u.expires_at < :before ORDER BY u.expires_at LIMIT :most
