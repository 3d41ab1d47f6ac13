//! Sign-in with others: who a subject of an issuer is here, and which trips to an issuer have served.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261126_090000_external_identities", up: UP, down: DOWN };

const UP: &str = "
CREATE TABLE external_identities (
  id {id} NOT NULL PRIMARY KEY,
  user_id {id} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider text NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  email text,
  linked_at bigint NOT NULL,
  used_at bigint NOT NULL)
;
CREATE UNIQUE INDEX external_identities_subject ON external_identities (issuer, subject)
;
CREATE INDEX external_identities_user ON external_identities (user_id)
;
CREATE TABLE spent_flows (
  id {id} NOT NULL PRIMARY KEY,
  expires_at bigint NOT NULL)
;
CREATE INDEX spent_flows_expires ON spent_flows (expires_at)
";

const DOWN: &str = "
DROP TABLE spent_flows
;
DROP TABLE external_identities
";
