//! Policies, suspensions and erasures end the sessions of an organisation: they find them without reading all.

use crate::dialect::Plain;

pub const STEP: Plain = Plain { name: "m20261128_090200_sessions_of_tenant", up: UP, down: DOWN };

const UP: &str = "CREATE INDEX sessions_of_tenant ON sessions (tenant_id)";

const DOWN: &str = "DROP INDEX sessions_of_tenant";
