//! What an organisation asks of who comes in, as JSON; nothing: what the product asks of everybody.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261126_120000_identity_policies", up: UP, down: DOWN };

const UP: &str = "ALTER TABLE organizations ADD COLUMN policies text NOT NULL DEFAULT ''";

const DOWN: &str = "ALTER TABLE organizations DROP COLUMN policies";
