DELETE FROM team_members WHERE tenant_id = :tenant AND membership_id = :member
