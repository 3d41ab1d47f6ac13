SELECT DISTINCT h.role_id FROM team_paths p
JOIN team_members m ON m.tenant_id = p.tenant_id AND m.team_id = p.ancestor_id
JOIN membership_roles h ON h.tenant_id = m.tenant_id AND h.membership_id = m.membership_id
WHERE p.tenant_id = :tenant AND p.team_id = :team
