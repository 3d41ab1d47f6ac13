-- The people named member… join the first organisation with its owner's role.
INSERT INTO memberships
SELECT (jsonb_populate_record(m, jsonb_build_object('id', gen_random_uuid(), 'user_id', u.id))).*
FROM users u CROSS JOIN memberships m JOIN floor.known k ON k.tenant_id = m.tenant_id AND k.id = 1
JOIN users o ON o.id = m.user_id AND o.email = 'owner1@teranga.example'
WHERE u.email LIKE 'member%@teranga.example'
  AND NOT EXISTS (SELECT 1 FROM memberships x WHERE x.tenant_id = m.tenant_id AND x.user_id = u.id);
INSERT INTO membership_roles
SELECT (jsonb_populate_record(h, jsonb_build_object('id', gen_random_uuid(), 'membership_id', n.id))).*
FROM membership_roles h JOIN memberships m ON m.tenant_id = h.tenant_id AND m.id = h.membership_id
JOIN users o ON o.id = m.user_id AND o.email = 'owner1@teranga.example'
JOIN floor.known k ON k.tenant_id = m.tenant_id AND k.id = 1
JOIN memberships n ON n.tenant_id = m.tenant_id JOIN users u ON u.id = n.user_id AND u.email LIKE 'member%@teranga.example'
WHERE NOT EXISTS (SELECT 1 FROM membership_roles x WHERE x.tenant_id = n.tenant_id AND x.membership_id = n.id);
