//! People, organisations, memberships, roles, sessions.
//!
//! An idempotency key gets its answer after its effect; its page is left room for it, so that no index is written again.

crate::step!(
    "m20261121_090000_identity",
    tables: [
        "users", "organizations", "memberships", "roles", "role_grants", "membership_roles", "sessions",
        "refresh_tokens", "operators", "idempotency_keys"
    ],
    append_only: [],
    "
CREATE TABLE users (
  id {id} NOT NULL PRIMARY KEY,
  version bigint NOT NULL,
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  display_name text NOT NULL,
  phone text,
  locale text NOT NULL,
  time_zone text NOT NULL,
  password_hash text,
  whatsapp_consent_at bigint,
  whatsapp_consent_source text,
  last_tenant_id {id},
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL)
;
CREATE TABLE organizations (
  id {id} NOT NULL PRIMARY KEY,
  version bigint NOT NULL,
  name text NOT NULL,
  currency text NOT NULL CHECK (length(currency) = 3),
  locale text NOT NULL,
  time_zone text NOT NULL,
  negative_stock_policy text NOT NULL CHECK (negative_stock_policy IN ('FORBID', 'WARN', 'ALLOW')),
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL)
;
CREATE TABLE memberships (
  {key},
  user_id {id} NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
  status text NOT NULL CHECK (status IN ('INVITED', 'ACTIVE', 'SUSPENDED', 'LEFT')),
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX memberships_user_id ON memberships (tenant_id, user_id)
;
CREATE INDEX memberships_of_user ON memberships (user_id)
;
CREATE TABLE roles (
  {key},
  key text,
  name text NOT NULL,
  created_at bigint NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX roles_name ON roles (tenant_id, name)
;
CREATE UNIQUE INDEX roles_key ON roles (tenant_id, key) WHERE key IS NOT NULL
;
CREATE TABLE role_grants (
  {key},
  role_id {id} NOT NULL,
  permission text NOT NULL,
  reach text NOT NULL CHECK (reach IN ('OWN', 'TEAM', 'ORG')),
  FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id) ON DELETE CASCADE)
;
CREATE UNIQUE INDEX role_grants_permission ON role_grants (tenant_id, role_id, permission)
;
CREATE TABLE membership_roles (
  {key},
  membership_id {id} NOT NULL,
  role_id {id} NOT NULL,
  FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX membership_roles_role ON membership_roles (tenant_id, membership_id, role_id)
;
CREATE TABLE sessions (
  id {id} NOT NULL PRIMARY KEY,
  user_id {id} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  tenant_id {id} REFERENCES organizations (id) ON DELETE RESTRICT,
  user_agent text,
  created_at bigint NOT NULL,
  refreshed_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  revoked_at bigint,
  revoked_because text)
;
CREATE INDEX sessions_of_user ON sessions (user_id)
;
CREATE INDEX sessions_expiry ON sessions (expires_at)
;
CREATE TABLE refresh_tokens (
  id {id} NOT NULL PRIMARY KEY,
  session_id {id} NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  token_hash {bytes} NOT NULL UNIQUE,
  parent_id {id},
  issued_at bigint NOT NULL,
  used_at bigint)
;
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id)
;
CREATE TABLE operators (
  user_id {id} NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  created_at bigint NOT NULL)
;
CREATE TABLE idempotency_keys (
  tenant_id {id} NOT NULL,
  actor_id {id} NOT NULL,
  key text NOT NULL,
  fingerprint {bytes} NOT NULL,
  response text,
  created_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, actor_id, key))
;
CREATE INDEX idempotency_keys_age ON idempotency_keys USING brin (created_at) -- postgres
;
ALTER TABLE idempotency_keys SET (fillfactor = 70) -- postgres
;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at) -- sqlite
"
);
