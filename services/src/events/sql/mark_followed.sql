INSERT INTO streams (tenant_id, stream, seq, followed_at) VALUES (:tenant, :stream, 0, :now)
ON CONFLICT (tenant_id, stream) DO UPDATE SET followed_at = excluded.followed_at
