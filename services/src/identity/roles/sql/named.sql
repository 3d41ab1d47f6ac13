SELECT COUNT(*) FROM invitation_roles n JOIN invitations i ON i.tenant_id = n.tenant_id AND i.id = n.invitation_id
WHERE n.tenant_id = :tenant AND n.role_id = :role AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > :now
