INSERT INTO notification_deliveries (tenant_id, id, notification_id, channel, state, suppressed_because, attempts, unanswered, created_at, updated_at)
SELECT :tenant, r.id, r.notification_id, r.channel, r.state, NULLIF(r.because, ''), 0, 0, :now, :now
FROM :rows(r: id uuid, notification_id uuid, channel text, state text, because text)
