SELECT u.display_name AS name, o.name AS organization, u.phone, u.whatsapp_consent_at
FROM users u JOIN organizations o ON o.id = :tenant WHERE u.id = :user
