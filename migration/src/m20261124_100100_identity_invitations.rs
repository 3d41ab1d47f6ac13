//! Invitations: of whom, with which roles, by whom, and what became of them. Of the token its keyed hash is kept.

crate::step!(
    "m20261124_100100_identity_invitations",
    tables: ["invitations", "invitation_roles"],
    append_only: [],
    "
CREATE TABLE invitations (
  {key},
  email text NOT NULL CHECK (email = lower(email)),
  display_name text,
  message text,
  token_hash {bytes} NOT NULL UNIQUE,
  invited_by {id} NOT NULL,
  letters bigint NOT NULL CHECK (letters > 0),
  created_at bigint NOT NULL,
  sent_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  accepted_at bigint,
  accepted_by {id},
  revoked_at bigint,
  CHECK (accepted_at IS NULL OR revoked_at IS NULL),
  CHECK ((accepted_at IS NULL) = (accepted_by IS NULL)),
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, invited_by) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, accepted_by) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT)
;
CREATE INDEX invitations_created_at ON invitations (tenant_id, created_at, id)
;
CREATE INDEX invitations_sent_at ON invitations (tenant_id, sent_at)
;
CREATE TABLE invitation_roles (
  {key},
  invitation_id {id} NOT NULL,
  role_id {id} NOT NULL,
  FOREIGN KEY (tenant_id, invitation_id) REFERENCES invitations (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id) ON DELETE CASCADE)
;
CREATE UNIQUE INDEX invitation_roles_role ON invitation_roles (tenant_id, invitation_id, role_id)
;
CREATE INDEX invitation_roles_named ON invitation_roles (tenant_id, role_id)
"
);
