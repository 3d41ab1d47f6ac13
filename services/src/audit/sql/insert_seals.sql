INSERT INTO audit_seals (tenant_id, seq, event_id, prev_hash, hash)
SELECT :tenant, r.seq, r.event_id, r.prev_hash, r.hash FROM :rows(r: seq bigint, event_id uuid, prev_hash bytes, hash bytes)
