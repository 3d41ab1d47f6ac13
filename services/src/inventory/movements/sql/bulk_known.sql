-- planned anew: the first import begins with empty tables.
-- A look-up for each key: joined instead, a planner may read the whole ledger for every batch.
SELECT r.key FROM :rows(r: key text)
WHERE (SELECT 1 FROM stock_movements m WHERE m.tenant_id = :tenant AND m.dedup_key = r.key AND m.dedup_key IS NOT NULL) = 1
