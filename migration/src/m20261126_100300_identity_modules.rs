//! Which parts of the product an organisation has switched off, by their codes, joined by commas.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261126_100300_identity_modules", up: UP, down: DOWN };

const UP: &str = "
ALTER TABLE organizations ADD COLUMN modules_off text NOT NULL DEFAULT ''
";

const DOWN: &str = "
ALTER TABLE organizations DROP COLUMN modules_off
";
