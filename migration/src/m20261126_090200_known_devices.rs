//! The devices that people have signed in from, as keyed hashes.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261126_090200_known_devices", up: UP, down: DOWN };

const UP: &str = "
CREATE TABLE known_devices (
  id {id} NOT NULL PRIMARY KEY,
  user_id {id} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  program {bytes} NOT NULL,
  network {bytes} NOT NULL,
  first_seen bigint NOT NULL,
  last_seen bigint NOT NULL)
;
CREATE UNIQUE INDEX known_devices_of_user ON known_devices (user_id, program, network)
;
CREATE INDEX known_devices_last_seen ON known_devices (last_seen)
";

const DOWN: &str = "DROP TABLE known_devices";
