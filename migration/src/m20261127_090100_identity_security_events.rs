//! What happened to accounts, for their people to see.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261127_090100_identity_security_events", up: UP, down: DOWN };

const UP: &str = "
CREATE TABLE security_events (
  id {id} NOT NULL PRIMARY KEY,
  user_id {id} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  kind text NOT NULL,
  detail text,
  address text,
  user_agent text,
  at bigint NOT NULL)
;
CREATE INDEX security_events_of_user ON security_events (user_id, at)
;
CREATE INDEX security_events_at ON security_events (at)
";

const DOWN: &str = "DROP TABLE security_events";
