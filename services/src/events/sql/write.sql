INSERT INTO stream_events (tenant_id, stream, seq, kind, payload, occurred_at)
SELECT :tenant, r.stream, r.seq, r.kind, r.payload, :now FROM :rows(r: stream text, seq bigint, kind text, payload text)
