-- An upload in the middle of its completion shows itself here or, a moment later, as a file.
SELECT (SELECT COUNT(*) FROM file_uploads u WHERE u.tenant_id = :tenant AND u.received_sha256 = :sha256)
     + (SELECT COUNT(*) FROM files f WHERE f.tenant_id = :tenant AND f.sha256 = :sha256)
