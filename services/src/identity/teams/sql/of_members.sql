SELECT m.membership_id, t.* FROM team_members m JOIN teams t ON t.tenant_id = m.tenant_id AND t.id = m.team_id
WHERE m.tenant_id = :tenant AND m.membership_id :in(ids)
