SELECT p.ancestor_id, p.team_id, p.distance FROM team_paths p WHERE p.tenant_id = :tenant
