-- 5b: the next state of each alert that changes, and of each that begins.
INSERT INTO ev_next (tenant_id, id, is_new, old_version, old_state, product_id, warehouse_id, kind, state, severity, rule_id,
  rule_version, value_n, value_d, threshold, service_level, window_days, pending_since, fired_at, clear_since, quiet_until, muted,
  notified_at, resolved_at, resolution, next_check_at, previous_id, notice, at)
WITH pair AS (
  SELECT t.tenant_id, o.id, coalesce(o.version, 0) AS old_version, coalesce(o.state, 'NONE') AS old_state,
    coalesce(o.product_id, j.product_id) AS product_id, coalesce(o.warehouse_id, j.warehouse_id) AS warehouse_id,
    coalesce(o.kind, j.kind) AS kind, t.at,
    o.severity AS old_severity, o.rule_id AS old_rule_id, o.rule_version AS old_rule_version, o.value_n AS old_n, o.value_d AS old_d,
    o.threshold AS old_threshold, o.pending_since, o.fired_at, o.clear_since, o.quiet_until, coalesce(o.muted, false) AS old_muted,
    o.notified_at, o.next_check_at AS old_next, j.product_id AS subject, j.rule_id, j.rule_version, j.severity, j.pending_for,
    j.keep_for, j.repeat_every, j.value_n, j.value_d, j.threshold, j.service_level, j.window_days, j.fire, j.clear
  FROM ev_open o
  FULL JOIN ev_judged j ON j.tenant_id = o.tenant_id AND j.product_id = o.product_id AND j.warehouse_id = o.warehouse_id AND j.kind = o.kind
  JOIN ev_tenant t ON t.tenant_id = coalesce(o.tenant_id, j.tenant_id)
  WHERE o.id IS NOT NULL OR j.fire),
compared AS (
  SELECT pair.*, coalesce(rule_id <> old_rule_id OR rule_version <> old_rule_version, false) AS restarted FROM pair),
timed AS (
  SELECT compared.*,
    CASE WHEN old_state = 'NONE' OR old_state = 'PENDING' AND restarted THEN at ELSE pending_since END AS pend,
    CASE WHEN old_state IN ('FIRING', 'ACKNOWLEDGED', 'SNOOZED') AND clear
      THEN CASE WHEN clear_since IS NULL OR restarted THEN at ELSE clear_since END END AS clr
  FROM compared),
moved AS (
  SELECT timed.*, CASE
    WHEN old_state IN ('NONE', 'PENDING') THEN CASE
      WHEN rule_id IS NULL OR NOT fire THEN 'NONE' WHEN at >= pend + pending_for THEN 'FIRING' ELSE 'PENDING' END
    WHEN rule_id IS NULL THEN 'RESOLVED'
    WHEN at >= clr + keep_for THEN 'RESOLVED'
    WHEN old_state IN ('ACKNOWLEDGED', 'SNOOZED') AND quiet_until <= at THEN 'FIRING'
    WHEN old_state = 'ACKNOWLEDGED' AND severity > old_severity THEN 'FIRING'
    ELSE old_state END AS state
  FROM timed),
heard AS (
  SELECT moved.*, kind = 'LOW_STOCK' AND state IN ('PENDING', 'FIRING', 'ACKNOWLEDGED', 'SNOOZED') AND MAX(CASE
    WHEN kind = 'STOCK_OUT' AND state IN ('FIRING', 'ACKNOWLEDGED', 'SNOOZED') THEN 1 ELSE 0 END) OVER (
    PARTITION BY tenant_id, product_id, warehouse_id) = 1 AS muted
  FROM moved),
told AS (
  SELECT heard.*, CASE
    WHEN state = 'RESOLVED' THEN CASE WHEN notified_at IS NOT NULL THEN 'GONE' END
    WHEN state <> 'FIRING' OR muted OR clr IS NOT NULL THEN NULL
    WHEN notified_at IS NULL THEN 'FIRST'
    WHEN old_state IN ('ACKNOWLEDGED', 'SNOOZED') THEN 'AGAIN'
    WHEN repeat_every > 0 AND at >= notified_at + repeat_every THEN 'REPEAT' END AS notice
  FROM heard),
kept AS (
  SELECT told.*,
    CASE WHEN rule_id IS NULL THEN old_rule_id ELSE rule_id END AS new_rule_id,
    CASE WHEN rule_id IS NULL THEN old_rule_version ELSE rule_version END AS new_rule_version,
    CASE WHEN rule_id IS NULL THEN old_severity ELSE severity END AS new_severity,
    CASE WHEN rule_id IS NULL THEN old_n ELSE value_n END AS new_n,
    CASE WHEN rule_id IS NULL THEN old_d ELSE value_d END AS new_d,
    CASE WHEN rule_id IS NULL THEN old_threshold ELSE threshold END AS new_threshold,
    CASE WHEN state = 'PENDING' THEN pend WHEN old_state IN ('NONE', 'PENDING') THEN at ELSE fired_at END AS new_fired_at,
    CASE WHEN state IN ('ACKNOWLEDGED', 'SNOOZED') THEN quiet_until END AS new_quiet_until,
    CASE WHEN notice IN ('FIRST', 'AGAIN', 'REPEAT') THEN at ELSE notified_at END AS new_notified_at
  FROM told),
due AS (
  SELECT kept.*, NULLIF(
    LEAST( -- postgres
    MIN( -- sqlite
      CASE WHEN state = 'PENDING' THEN pend + pending_for ELSE 9223372036854775807 END,
      CASE WHEN state IN ('FIRING', 'ACKNOWLEDGED', 'SNOOZED') THEN coalesce(clr + keep_for, 9223372036854775807) ELSE 9223372036854775807 END,
      coalesce(CASE WHEN state IN ('ACKNOWLEDGED', 'SNOOZED') THEN quiet_until END, 9223372036854775807),
      CASE WHEN state = 'FIRING' AND NOT muted AND clr IS NULL AND repeat_every > 0
        THEN coalesce(new_notified_at + repeat_every, 9223372036854775807) ELSE 9223372036854775807 END),
    9223372036854775807) AS new_next
  FROM kept)
SELECT n.tenant_id,
  coalesce(n.id, CAST(:id_head || substr(replace(CAST(gen_random_uuid() AS text), '-', ''), 14) AS uuid)), -- postgres
  coalesce(n.id, unhex(:id_head || substr(hex(randomblob(2)), 2) || '8' || substr(hex(randomblob(8)), 2))), -- sqlite
  n.id IS NULL, n.old_version, n.old_state, n.product_id, n.warehouse_id, n.kind, n.state, n.new_severity, n.new_rule_id,
  n.new_rule_version, n.new_n, n.new_d, n.new_threshold, n.service_level, n.window_days, n.pend, n.new_fired_at, n.clr,
  n.new_quiet_until, n.muted, n.new_notified_at,
  CASE WHEN n.state = 'RESOLVED' THEN n.at END,
  CASE WHEN n.state = 'RESOLVED' THEN CASE
    WHEN n.rule_id IS NOT NULL THEN 'CLEARED'
    WHEN n.subject IS NOT NULL THEN 'RULE_REMOVED'
    WHEN EXISTS (SELECT 1 FROM products p WHERE p.tenant_id = n.tenant_id AND p.id = n.product_id AND p.archived_at IS NOT NULL)
      THEN 'PRODUCT_ARCHIVED'
    ELSE 'CLEARED' END END,
  n.new_next, CASE WHEN n.id IS NULL THEN (
    SELECT b.id FROM alerts b
    WHERE b.tenant_id = n.tenant_id AND b.product_id = n.product_id AND b.kind = n.kind AND b.warehouse_id = n.warehouse_id
    ORDER BY b.fired_at DESC, b.resolved_at DESC LIMIT 1) END,
  n.notice, n.at
FROM due n
WHERE n.state <> 'NONE' AND n.id IS NULL
  OR n.id IS NOT NULL AND (n.state <> n.old_state OR n.notice IS NOT NULL OR n.muted <> n.old_muted OR n.new_severity <> n.old_severity
    OR n.new_rule_id <> n.old_rule_id OR n.new_rule_version <> n.old_rule_version OR n.new_n IS DISTINCT FROM n.old_n
    OR n.new_d IS DISTINCT FROM n.old_d OR n.new_threshold IS DISTINCT FROM n.old_threshold OR n.pend <> n.pending_since
    OR n.clr IS DISTINCT FROM n.clear_since OR n.new_quiet_until IS DISTINCT FROM n.quiet_until OR n.new_next IS DISTINCT FROM n.old_next)
