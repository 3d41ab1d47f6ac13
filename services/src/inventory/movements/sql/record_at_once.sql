-- For PostgreSQL: what `record` does step by step, as one statement, where nothing stands against it. No row: something
-- does, and nothing was written. The level must still be the version the snapshot shows (`s`), or what was read besides
-- is not of its moment: the version itself is compared, for an amount comes back. Locks are taken in the order of the
-- steps: level, service day, stream. It says itself for whom it acts, as the condition that is asked before any table is.
WITH level AS (
  UPDATE stock_levels l SET on_hand = l.on_hand + :quantity, updated_at = :now
  FROM stock_levels s
  JOIN products p ON p.tenant_id = s.tenant_id AND p.id = s.product_id
  JOIN organizations o ON o.id = s.tenant_id
  WHERE (SELECT set_config('app.tenant', CAST(:tenant AS text), true)) IS NOT NULL
    AND l.tenant_id = :tenant AND l.product_id = :product AND l.warehouse_id = :warehouse
    AND s.tenant_id = :tenant AND s.product_id = :product AND s.warehouse_id = :warehouse
    AND l.xmin = s.xmin
    AND p.archived_at IS NULL AND o.time_zone = :time_zone
    AND (:decimals = 0 OR :decimals <= (SELECT u.decimals FROM units u WHERE u.tenant_id = :tenant AND u.id = p.unit_id))
    AND abs(s.on_hand + :quantity) <= :most
    AND (o.negative_stock_policy <> 'FORBID' OR :quantity >= 0 OR s.on_hand + :quantity >= 0)
  RETURNING l.on_hand, o.negative_stock_policy AS policy),
claim AS (
  INSERT INTO idempotency_keys (tenant_id, actor_id, key, fingerprint, created_at)
  SELECT :tenant, :actor, :key, :fingerprint, :now FROM level WHERE :key IS NOT NULL),
movement AS (
  INSERT INTO stock_movements (tenant_id, id, product_id, warehouse_id, kind, quantity, ordered_quantity, unit_cost, reason, reference,
    occurred_at, recorded_at, recorded_by, dedup_key, fingerprint)
  SELECT :tenant, :id, :product, :warehouse, :kind, :quantity, :ordered_quantity, :unit_cost, :reason, :reference,
    :occurred_at, :now, :by, :dedup_key, :movement_fingerprint FROM level),
day AS (
  INSERT INTO service_days (tenant_id, product_id, day, lines, short_lines, ordered, delivered)
  SELECT :tenant, :product, :day, 1, :short_lines, :ordered, :delivered FROM level WHERE :day IS NOT NULL
  ON CONFLICT (tenant_id, product_id, day) DO UPDATE SET
    lines = service_days.lines + excluded.lines,
    short_lines = service_days.short_lines + excluded.short_lines,
    ordered = service_days.ordered + excluded.ordered,
    delivered = service_days.delivered + excluded.delivered
  RETURNING lines),
numbered AS (
  INSERT INTO streams (tenant_id, stream, seq)
  SELECT :tenant, :stream, 1 FROM level WHERE (SELECT count(*) FROM day) >= 0
  ON CONFLICT (tenant_id, stream) DO UPDATE SET seq = streams.seq + 1
  RETURNING seq),
event AS (
  INSERT INTO stream_events (tenant_id, stream, seq, kind, payload, occurred_at)
  SELECT :tenant, :stream, numbered.seq, :event, :payload_head || ',"onHand":' || level.on_hand || '}', :now
  FROM level CROSS JOIN numbered)
SELECT level.on_hand, level.policy, numbered.seq, CAST(COALESCE((
  SELECT SUM(m.quantity) FROM stock_movements m
  WHERE m.tenant_id = :tenant AND m.product_id = :product AND m.warehouse_id = :warehouse
    AND m.occurred_at >= :occurred_at AND (m.occurred_at > :occurred_at OR m.id > :id)), 0) AS bigint) AS moved_later
FROM level CROSS JOIN numbered
