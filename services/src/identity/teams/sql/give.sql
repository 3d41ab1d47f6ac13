INSERT INTO team_members (tenant_id, id, team_id, membership_id)
SELECT :tenant, x.id, :team, x.member FROM :rows(x: id uuid, member uuid) WHERE true
ON CONFLICT DO NOTHING
