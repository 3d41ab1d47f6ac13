//! What people say of themselves: what they can do, and where more of them is to be found. Lists in JSON.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261124_100200_identity_profiles", up: UP, down: DOWN };

const UP: &str = "
ALTER TABLE users ADD COLUMN skills text NOT NULL DEFAULT '[]'
;
ALTER TABLE users ADD COLUMN links text NOT NULL DEFAULT '[]'
";

const DOWN: &str = "
ALTER TABLE users DROP COLUMN links
;
ALTER TABLE users DROP COLUMN skills
";
