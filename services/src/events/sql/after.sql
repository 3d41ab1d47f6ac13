SELECT e.seq, e.kind, e.payload, e.occurred_at FROM stream_events e
WHERE e.tenant_id = :tenant AND e.stream = :stream AND e.seq > :after
ORDER BY e.seq LIMIT 256
