//! Devices were known by all that a program says of itself, its version, too. From those hashes no family is found again, so they are
//! forgotten; the first device that signs in after it is no news.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261128_090000_known_devices_by_family", up: FORGET, down: FORGET };

const FORGET: &str = "DELETE FROM known_devices";
