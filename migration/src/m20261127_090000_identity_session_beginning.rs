//! When a person signed in, however often they changed organisations since: from there a session's life counts.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261127_090000_identity_session_beginning", up: UP, down: DOWN };

const UP: &str = "
ALTER TABLE sessions ADD COLUMN began_at bigint NOT NULL DEFAULT 0
;
UPDATE sessions SET began_at = created_at
";

const DOWN: &str = "
ALTER TABLE sessions DROP COLUMN began_at
";
