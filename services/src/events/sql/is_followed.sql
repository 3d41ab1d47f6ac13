SELECT s.seq FROM streams s WHERE s.tenant_id = :tenant AND s.stream = :stream AND s.followed_at > :since
