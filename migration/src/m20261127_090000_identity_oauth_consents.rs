//! Clients that ask people: where they are sent back to, what was agreed to, and the codes and refresh tokens of it. Of each secret
//! its hash is kept. A client need no longer act for itself, nor have a secret.
//!
//! SQLite lets no column be null that was not, so the two tables of before are written anew there; in one transaction, for another
//! connection would still know the old ones.

use crate::dialect::run;
use sea_orm_migration::prelude::*;

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m20261127_090000_identity_oauth_consents"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}

const UP: &str = "
ALTER TABLE oauth_clients ALTER COLUMN membership_id DROP NOT NULL, ALTER COLUMN secret_hash DROP NOT NULL -- postgres
;
ALTER TABLE oauth_clients ADD COLUMN redirect_uris text NOT NULL DEFAULT '' -- postgres
;
ALTER TABLE oauth_clients ADD CONSTRAINT oauth_clients_public CHECK (secret_hash IS NOT NULL OR membership_id IS NULL) -- postgres
;
CREATE TABLE oauth_clients_next ( -- sqlite
  tenant_id {id} NOT NULL, -- sqlite
  id {id} NOT NULL, -- sqlite
  name text NOT NULL, -- sqlite
  membership_id {id}, -- sqlite
  secret_hash {bytes}, -- sqlite
  redirect_uris text NOT NULL DEFAULT '', -- sqlite
  scopes text NOT NULL, -- sqlite
  created_by {id} NOT NULL, -- sqlite
  version bigint NOT NULL, -- sqlite
  created_at bigint NOT NULL, -- sqlite
  updated_at bigint NOT NULL, -- sqlite
  CHECK (secret_hash IS NOT NULL OR membership_id IS NULL), -- sqlite
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT, -- sqlite
  FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT, -- sqlite
  FOREIGN KEY (tenant_id, created_by) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT, -- sqlite
  PRIMARY KEY (tenant_id, id)) -- sqlite
;
INSERT INTO oauth_clients_next (tenant_id, id, name, membership_id, secret_hash, scopes, created_by, version, created_at, updated_at) -- sqlite
SELECT tenant_id, id, name, membership_id, secret_hash, scopes, created_by, version, created_at, updated_at FROM oauth_clients -- sqlite
;
CREATE TABLE oauth_grants_kept AS SELECT * FROM oauth_grants -- sqlite
;
DROP TABLE oauth_grants -- sqlite
;
DROP TABLE oauth_clients -- sqlite
;
ALTER TABLE oauth_clients_next RENAME TO oauth_clients -- sqlite
;
CREATE UNIQUE INDEX oauth_clients_id ON oauth_clients (id) -- sqlite
;
CREATE INDEX oauth_clients_created_at ON oauth_clients (tenant_id, created_at, id) -- sqlite
;
CREATE TABLE oauth_consents (
  {key},
  client_id {id} NOT NULL,
  membership_id {id} NOT NULL,
  created_at bigint NOT NULL,
  FOREIGN KEY (tenant_id, client_id) REFERENCES oauth_clients (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX oauth_consents_id ON oauth_consents (id)
;
CREATE UNIQUE INDEX oauth_consents_once ON oauth_consents (tenant_id, client_id, membership_id)
;
CREATE INDEX oauth_consents_membership ON oauth_consents (tenant_id, membership_id)
;
ALTER TABLE oauth_grants ADD COLUMN kind text NOT NULL DEFAULT 'CLIENT' CHECK (kind IN ('CLIENT', 'CODE')) -- postgres
;
ALTER TABLE oauth_grants ADD COLUMN consent_id {id}, ADD COLUMN last_used_at bigint -- postgres
;
ALTER TABLE oauth_grants ADD CONSTRAINT oauth_grants_consented CHECK ((kind = 'CODE') = (consent_id IS NOT NULL)) -- postgres
;
ALTER TABLE oauth_grants ADD FOREIGN KEY (tenant_id, consent_id) REFERENCES oauth_consents (tenant_id, id) ON DELETE CASCADE -- postgres
;
CREATE TABLE oauth_grants ( -- sqlite
  tenant_id {id} NOT NULL, -- sqlite
  id {id} NOT NULL, -- sqlite
  client_id {id} NOT NULL, -- sqlite
  membership_id {id} NOT NULL, -- sqlite
  scopes text NOT NULL, -- sqlite
  created_at bigint NOT NULL, -- sqlite
  expires_at bigint NOT NULL CHECK (expires_at > created_at), -- sqlite
  revoked_at bigint, -- sqlite
  kind text NOT NULL DEFAULT 'CLIENT' CHECK (kind IN ('CLIENT', 'CODE')), -- sqlite
  consent_id {id}, -- sqlite
  last_used_at bigint, -- sqlite
  CHECK ((kind = 'CODE') = (consent_id IS NOT NULL)), -- sqlite
  FOREIGN KEY (tenant_id, client_id) REFERENCES oauth_clients (tenant_id, id) ON DELETE CASCADE, -- sqlite
  FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT, -- sqlite
  FOREIGN KEY (tenant_id, consent_id) REFERENCES oauth_consents (tenant_id, id) ON DELETE CASCADE, -- sqlite
  PRIMARY KEY (tenant_id, id)) -- sqlite
;
INSERT INTO oauth_grants (tenant_id, id, client_id, membership_id, scopes, created_at, expires_at, revoked_at) -- sqlite
SELECT tenant_id, id, client_id, membership_id, scopes, created_at, expires_at, revoked_at FROM oauth_grants_kept -- sqlite
;
DROP TABLE oauth_grants_kept -- sqlite
;
CREATE UNIQUE INDEX oauth_grants_id ON oauth_grants (id) -- sqlite
;
CREATE INDEX oauth_grants_client ON oauth_grants (tenant_id, client_id) -- sqlite
;
CREATE INDEX oauth_grants_expiry ON oauth_grants (expires_at) -- sqlite
;
CREATE INDEX oauth_grants_consent ON oauth_grants (tenant_id, consent_id)
;
CREATE TABLE oauth_codes (
  {key},
  grant_id {id} NOT NULL,
  code_hash {bytes} NOT NULL,
  redirect_uri text NOT NULL,
  challenge text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL CHECK (expires_at > created_at),
  used_at bigint,
  FOREIGN KEY (tenant_id, grant_id) REFERENCES oauth_grants (tenant_id, id) ON DELETE CASCADE)
;
CREATE UNIQUE INDEX oauth_codes_hash ON oauth_codes (code_hash)
;
CREATE INDEX oauth_codes_grant ON oauth_codes (tenant_id, grant_id)
;
CREATE INDEX oauth_codes_expiry ON oauth_codes (expires_at)
;
CREATE TABLE oauth_refresh_tokens (
  {key},
  grant_id {id} NOT NULL,
  token_hash {bytes} NOT NULL,
  created_at bigint NOT NULL,
  used_at bigint,
  FOREIGN KEY (tenant_id, grant_id) REFERENCES oauth_grants (tenant_id, id) ON DELETE CASCADE)
;
CREATE UNIQUE INDEX oauth_refresh_tokens_hash ON oauth_refresh_tokens (token_hash)
;
CREATE INDEX oauth_refresh_tokens_grant ON oauth_refresh_tokens (tenant_id, grant_id)
";

/// What the version before cannot hold goes: grants of people, and clients without a secret or an account.
const DOWN: &str = "
DROP TABLE oauth_refresh_tokens
;
DROP TABLE oauth_codes
;
DELETE FROM oauth_grants WHERE kind = 'CODE'
;
DELETE FROM oauth_clients WHERE membership_id IS NULL OR secret_hash IS NULL
;
DROP INDEX oauth_grants_consent
;
ALTER TABLE oauth_grants DROP COLUMN kind, DROP COLUMN consent_id, DROP COLUMN last_used_at -- postgres
;
CREATE TABLE oauth_grants_kept AS SELECT * FROM oauth_grants -- sqlite
;
DROP TABLE oauth_grants -- sqlite
;
DROP TABLE oauth_consents
;
ALTER TABLE oauth_clients DROP CONSTRAINT oauth_clients_public, DROP COLUMN redirect_uris -- postgres
;
ALTER TABLE oauth_clients ALTER COLUMN membership_id SET NOT NULL, ALTER COLUMN secret_hash SET NOT NULL -- postgres
;
CREATE TABLE oauth_clients_before ( -- sqlite
  tenant_id {id} NOT NULL, -- sqlite
  id {id} NOT NULL, -- sqlite
  name text NOT NULL, -- sqlite
  membership_id {id} NOT NULL, -- sqlite
  secret_hash {bytes} NOT NULL, -- sqlite
  scopes text NOT NULL, -- sqlite
  created_by {id} NOT NULL, -- sqlite
  version bigint NOT NULL, -- sqlite
  created_at bigint NOT NULL, -- sqlite
  updated_at bigint NOT NULL, -- sqlite
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT, -- sqlite
  FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT, -- sqlite
  FOREIGN KEY (tenant_id, created_by) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT, -- sqlite
  PRIMARY KEY (tenant_id, id)) -- sqlite
;
INSERT INTO oauth_clients_before -- sqlite
SELECT tenant_id, id, name, membership_id, secret_hash, scopes, created_by, version, created_at, updated_at FROM oauth_clients -- sqlite
;
DROP TABLE oauth_clients -- sqlite
;
ALTER TABLE oauth_clients_before RENAME TO oauth_clients -- sqlite
;
CREATE UNIQUE INDEX oauth_clients_id ON oauth_clients (id) -- sqlite
;
CREATE INDEX oauth_clients_created_at ON oauth_clients (tenant_id, created_at, id) -- sqlite
;
CREATE TABLE oauth_grants ( -- sqlite
  tenant_id {id} NOT NULL, -- sqlite
  id {id} NOT NULL, -- sqlite
  client_id {id} NOT NULL, -- sqlite
  membership_id {id} NOT NULL, -- sqlite
  scopes text NOT NULL, -- sqlite
  created_at bigint NOT NULL, -- sqlite
  expires_at bigint NOT NULL CHECK (expires_at > created_at), -- sqlite
  revoked_at bigint, -- sqlite
  FOREIGN KEY (tenant_id, client_id) REFERENCES oauth_clients (tenant_id, id) ON DELETE CASCADE, -- sqlite
  FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT, -- sqlite
  PRIMARY KEY (tenant_id, id)) -- sqlite
;
INSERT INTO oauth_grants (tenant_id, id, client_id, membership_id, scopes, created_at, expires_at, revoked_at) -- sqlite
SELECT tenant_id, id, client_id, membership_id, scopes, created_at, expires_at, revoked_at FROM oauth_grants_kept -- sqlite
;
DROP TABLE oauth_grants_kept -- sqlite
;
CREATE UNIQUE INDEX oauth_grants_id ON oauth_grants (id) -- sqlite
;
CREATE INDEX oauth_grants_client ON oauth_grants (tenant_id, client_id) -- sqlite
;
CREATE INDEX oauth_grants_expiry ON oauth_grants (expires_at) -- sqlite
";
