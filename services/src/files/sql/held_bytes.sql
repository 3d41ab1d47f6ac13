-- Equal content lies there once. A dead link brings no more bytes; those it brought stay until they are swept.
SELECT CAST(COALESCE(SUM(h.size_bytes), 0) AS bigint) FROM (
  SELECT DISTINCT f.sha256 AS what, f.size_bytes FROM files f WHERE f.tenant_id = :tenant
  UNION ALL
  SELECT '' AS what, u.size_bytes FROM file_uploads u
  WHERE u.tenant_id = :tenant AND u.state <> 'COMPLETED' AND (u.state = 'RECEIVED' OR u.expires_at > :now)) h
