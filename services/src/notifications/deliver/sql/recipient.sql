SELECT u.display_name AS name, u.email, u.phone, u.whatsapp_consent_at, u.locale, u.time_zone, o.name AS organization, m.status,
  (SELECT MAX(w.received_at) FROM whatsapp_inbound w WHERE w.phone = u.phone) AS last_inbound_at
FROM memberships m
JOIN users u ON u.id = m.user_id
JOIN organizations o ON o.id = m.tenant_id
WHERE m.tenant_id = :tenant AND m.id = :membership
