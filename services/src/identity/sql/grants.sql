SELECT r.key, g.permission, g.reach
FROM membership_roles h
JOIN roles r ON r.tenant_id = h.tenant_id AND r.id = h.role_id
LEFT JOIN role_grants g ON g.tenant_id = r.tenant_id AND g.role_id = r.id
WHERE h.tenant_id = :tenant AND h.membership_id = :membership
