INSERT INTO team_paths (tenant_id, ancestor_id, team_id, distance)
SELECT t.tenant_id, t.id, t.id, 0 FROM teams t WHERE t.tenant_id = :tenant AND t.id = :team
UNION ALL
SELECT a.tenant_id, a.ancestor_id, n.id, a.distance + 1
FROM team_paths a JOIN teams n ON n.tenant_id = a.tenant_id
WHERE a.tenant_id = :tenant AND a.team_id = :parent AND n.id = :team
