-- An upload in the middle of its completion shows itself here or, a moment later, as a file.
SELECT r.sha256 FROM :rows(r: sha256 text)
WHERE NOT EXISTS (SELECT 1 FROM file_uploads u WHERE u.tenant_id = :tenant AND u.received_sha256 = r.sha256)
  AND NOT EXISTS (SELECT 1 FROM files f WHERE f.tenant_id = :tenant AND f.sha256 = r.sha256)
