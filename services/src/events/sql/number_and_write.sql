-- The two statements of `number.sql` and `write.sql` as one, for the database that can; `back` counts the events of the
-- same stream that follow. The order keeps two transactions from waiting for each other.
WITH r AS MATERIALIZED (SELECT e.stream, e.back, e.kind, e.payload FROM :rows(e: stream text, back bigint, kind text, payload text)),
n AS (
  INSERT INTO streams (tenant_id, stream, seq)
  SELECT :tenant, r.stream, count(*) FROM r GROUP BY r.stream ORDER BY r.stream
  ON CONFLICT (tenant_id, stream) DO UPDATE SET seq = streams.seq + excluded.seq
  RETURNING stream, seq),
w AS (
  INSERT INTO stream_events (tenant_id, stream, seq, kind, payload, occurred_at)
  SELECT :tenant, r.stream, n.seq - r.back, r.kind, r.payload, :now FROM r JOIN n ON n.stream = r.stream)
SELECT n.stream, n.seq FROM n
