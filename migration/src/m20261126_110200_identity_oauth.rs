//! Clients of the authorization server, and what each was given. Of a secret its hash is kept.

crate::step!(
    "m20261126_110200_identity_oauth",
    tables: ["oauth_clients", "oauth_grants"],
    append_only: [],
    "
CREATE TABLE oauth_clients (
  {key},
  name text NOT NULL,
  membership_id {id} NOT NULL,
  secret_hash {bytes} NOT NULL,
  scopes text NOT NULL,
  created_by {id} NOT NULL,
  version bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, created_by) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX oauth_clients_id ON oauth_clients (id)
;
CREATE INDEX oauth_clients_created_at ON oauth_clients (tenant_id, created_at, id)
;
CREATE TABLE oauth_grants (
  {key},
  client_id {id} NOT NULL,
  membership_id {id} NOT NULL,
  scopes text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL CHECK (expires_at > created_at),
  revoked_at bigint,
  FOREIGN KEY (tenant_id, client_id) REFERENCES oauth_clients (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX oauth_grants_id ON oauth_grants (id)
;
CREATE INDEX oauth_grants_client ON oauth_grants (tenant_id, client_id)
;
CREATE INDEX oauth_grants_expiry ON oauth_grants (expires_at)
"
);
