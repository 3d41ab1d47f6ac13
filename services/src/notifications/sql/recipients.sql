SELECT m.id AS membership_id, m.user_id, u.phone, u.whatsapp_consent_at
FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.tenant_id = :tenant AND m.id :in(memberships) AND m.status = 'ACTIVE' AND m.kind = 'PERSON'
