SELECT x.role_id FROM invitation_roles x WHERE x.tenant_id = :tenant AND x.invitation_id = :invitation
