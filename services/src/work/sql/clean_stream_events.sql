DELETE FROM stream_events WHERE (tenant_id, stream, seq) IN (
  SELECT t.tenant_id, t.stream, t.seq FROM stream_events t WHERE t.occurred_at < :before LIMIT 1000
)
