//! API tokens: whose, how far, how long. Of the token its hash is kept, and as much of its beginning as tells it from others.

crate::step!(
    "m20261126_110000_identity_api_tokens",
    tables: ["api_tokens"],
    append_only: [],
    "
CREATE TABLE api_tokens (
  {key},
  membership_id {id} NOT NULL,
  name text NOT NULL,
  prefix text NOT NULL,
  token_hash {bytes} NOT NULL UNIQUE,
  scopes text NOT NULL,
  addresses text NOT NULL,
  created_by {id} NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL CHECK (expires_at > created_at),
  last_used_at bigint,
  revoked_at bigint,
  FOREIGN KEY (tenant_id) REFERENCES organizations (id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, membership_id) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (tenant_id, created_by) REFERENCES memberships (tenant_id, id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX api_tokens_prefix ON api_tokens (tenant_id, prefix)
;
CREATE INDEX api_tokens_of_member ON api_tokens (tenant_id, membership_id, created_at, id)
;
CREATE INDEX api_tokens_expiry ON api_tokens (expires_at)
"
);
