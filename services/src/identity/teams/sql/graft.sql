INSERT INTO team_paths (tenant_id, ancestor_id, team_id, distance)
SELECT a.tenant_id, a.ancestor_id, d.team_id, a.distance + d.distance + 1
FROM team_paths a JOIN team_paths d ON d.tenant_id = a.tenant_id
WHERE a.tenant_id = :tenant AND a.team_id = :parent AND d.ancestor_id = :team
