-- The order keeps two transactions from waiting for each other.
INSERT INTO streams (tenant_id, stream, seq)
SELECT :tenant, r.stream, r.n FROM :rows(r: stream text, n bigint) WHERE true ORDER BY r.stream
ON CONFLICT (tenant_id, stream) DO UPDATE SET seq = streams.seq + excluded.seq
RETURNING stream, seq
