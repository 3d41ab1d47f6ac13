DELETE FROM team_members WHERE tenant_id = :tenant AND team_id = :team AND membership_id :in(members)
