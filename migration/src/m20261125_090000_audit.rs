//! Who did what, and the chain that seals it.
//!
//! An event has the one index of its key: it is written in the transaction of the act, and its id sorts by time. Neither the
//! organisation nor the actor is referred to, for each act would lock their rows against those who change them.

crate::step!(
    "m20261125_090000_audit",
    tables: ["audit_events", "audit_seals"],
    append_only: ["audit_events", "audit_seals"],
    "
CREATE TABLE audit_events (
  {key},
  at bigint NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('USER', 'API_KEY', 'AGENT', 'SYSTEM', 'SUPPORT')),
  actor_membership_id {id},
  impersonator_id {id},
  action text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('DONE', 'DENIED')),
  target_type text,
  target_id {id},
  changes text NOT NULL,
  operation text,
  request_id text,
  address text,
  user_agent text)
;
CREATE TABLE audit_seals (
  tenant_id {id} NOT NULL,
  seq bigint NOT NULL CHECK (seq > 0),
  event_id {id} NOT NULL,
  prev_hash {bytes} NOT NULL,
  hash {bytes} NOT NULL,
  PRIMARY KEY (tenant_id, seq),
  FOREIGN KEY (tenant_id, event_id) REFERENCES audit_events (tenant_id, id) ON DELETE RESTRICT)
;
CREATE UNIQUE INDEX audit_seals_event ON audit_seals (tenant_id, event_id)
"
);
