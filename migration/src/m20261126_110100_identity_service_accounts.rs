//! Members that are no people: programs of the organisation's own.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261126_110100_identity_service_accounts", up: UP, down: DOWN };

const UP: &str = "ALTER TABLE memberships ADD COLUMN kind text NOT NULL DEFAULT 'PERSON' CHECK (kind IN ('PERSON', 'SERVICE'))";

const DOWN: &str = "ALTER TABLE memberships DROP COLUMN kind";
