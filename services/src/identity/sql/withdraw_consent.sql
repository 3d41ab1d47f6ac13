UPDATE users SET whatsapp_consent_at = NULL, whatsapp_consent_source = :source, version = version + 1, updated_at = :now
WHERE phone = :phone AND whatsapp_consent_at IS NOT NULL
