-- planned anew: the first import begins with empty tables.
-- A look-up for each key, and for its reverse: joined instead, a planner may read the whole ledger for every batch.
SELECT k.place, k.undone = 1 AS undone
FROM (
  SELECT r.place, (
    SELECT COALESCE((
      SELECT 1 FROM stock_movements v
      WHERE v.tenant_id = :tenant AND v.reverses_id = m.id AND v.reverses_id IS NOT NULL AND v.import_id IS NOT NULL), 0)
    FROM stock_movements m WHERE m.tenant_id = :tenant AND m.dedup_key = r.key AND m.dedup_key IS NOT NULL) AS undone
  FROM :rows(r: place bigint, key text)
  LIMIT :asked) k
WHERE k.undone IS NOT NULL
