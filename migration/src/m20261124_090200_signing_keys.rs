//! The keys that sign access tokens, one after the other.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261124_090200_signing_keys", up: UP, down: DOWN };

const UP: &str = "
CREATE TABLE signing_keys (
  id {id} NOT NULL PRIMARY KEY,
  seed {bytes} NOT NULL,
  created_at bigint NOT NULL,
  signs_from bigint NOT NULL,
  retired_at bigint,
  retires_first boolean NOT NULL)
";

const DOWN: &str = "
DROP TABLE signing_keys
";
