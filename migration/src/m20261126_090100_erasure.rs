//! When an account is to be erased, and when it was.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261126_090100_erasure", up: UP, down: DOWN };

const UP: &str = "
ALTER TABLE users ADD COLUMN erase_at bigint
;
ALTER TABLE users ADD COLUMN erased_at bigint
;
CREATE INDEX users_erase_at ON users (erase_at) WHERE erase_at IS NOT NULL
";

const DOWN: &str = "
DROP INDEX users_erase_at
;
ALTER TABLE users DROP COLUMN erased_at
;
ALTER TABLE users DROP COLUMN erase_at
";
