//! The second factor of a person, the codes for when it is lost, and when a session's person last proved who they are.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261124_090100_second_factors", up: UP, down: DOWN };

const UP: &str = "
CREATE TABLE second_factors (
  user_id {id} NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  secret {bytes} NOT NULL,
  confirmed_at bigint,
  last_step bigint NOT NULL,
  created_at bigint NOT NULL)
;
CREATE TABLE recovery_codes (
  id {id} NOT NULL PRIMARY KEY,
  user_id {id} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  code_hash {bytes} NOT NULL,
  used_at bigint)
;
CREATE UNIQUE INDEX recovery_codes_hash ON recovery_codes (user_id, code_hash)
;
ALTER TABLE sessions ADD COLUMN proved_at bigint
";

const DOWN: &str = "
ALTER TABLE sessions DROP COLUMN proved_at
;
DROP TABLE recovery_codes
;
DROP TABLE second_factors
";
