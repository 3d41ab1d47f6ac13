//! What those who run the installation do to it, whatever organisation they are in.
//!
//! Nothing is referred to: an act outlives whoever did it, and what it was done to.

crate::step!(
    "m20261128_090100_operator_acts",
    tables: ["operator_acts"],
    append_only: ["operator_acts"],
    "
CREATE TABLE operator_acts (
  id {id} NOT NULL PRIMARY KEY,
  at bigint NOT NULL,
  user_id {id} NOT NULL,
  organization_id {id},
  action text NOT NULL,
  target_type text,
  target_id {id},
  changes text NOT NULL,
  operation text,
  request_id text,
  address text,
  user_agent text)
"
);
