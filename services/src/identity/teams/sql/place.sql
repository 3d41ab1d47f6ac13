SELECT
  (SELECT COUNT(*) FROM team_paths a WHERE a.tenant_id = :tenant AND a.team_id = :parent) AS above,
  (SELECT coalesce(max(b.distance), 0) FROM team_paths b WHERE b.tenant_id = :tenant AND b.ancestor_id = :team) AS below,
  (SELECT COUNT(*) FROM team_paths o WHERE o.tenant_id = :tenant AND o.ancestor_id = :team AND o.team_id = :parent) AS own
