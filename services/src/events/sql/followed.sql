SELECT s.stream FROM streams s WHERE s.tenant_id = :tenant AND s.followed_at > :since
