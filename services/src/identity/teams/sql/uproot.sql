DELETE FROM team_paths AS p WHERE p.tenant_id = :tenant
  AND p.team_id IN (SELECT d.team_id FROM team_paths d WHERE d.tenant_id = :tenant AND d.ancestor_id = :team)
  AND p.ancestor_id NOT IN (SELECT s.team_id FROM team_paths s WHERE s.tenant_id = :tenant AND s.ancestor_id = :team)
