-- The order keeps two transactions with the same keys from waiting for each other.
INSERT INTO notifications (tenant_id, id, membership_id, user_id, category, severity, key, params, subject_kind, subject_id, dedup_key, in_app,
  created_at)
SELECT :tenant, r.id, r.membership_id, r.user_id, :category, :severity, :key, :params, :subject_kind, :subject_id, :dedup_key, :in_app, :now
FROM :rows(r: id uuid, membership_id uuid, user_id uuid) WHERE true ORDER BY r.user_id
ON CONFLICT DO NOTHING
RETURNING id, user_id
